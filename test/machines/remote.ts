import { inside } from '../../cluster/local/machines/network/namespace.ts'
import type { Places } from '../../cluster/local/machines/places.ts'
import { run } from '../../cluster/local/machines/tools.ts'

const quiet = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR']

/** Run a script as root on a machine, over ssh from its subnet's router. What fails there fails here, with its words. */
export const remote =
  (places: Places, key: string, address: string) =>
  (script: string, timeout = 240_000) => {
    const ssh = [
      'ssh',
      '-i',
      key,
      ...quiet,
      '-o',
      'ConnectTimeout=60',
      `admin@${address}`,
      'sudo bash -euo pipefail -s',
    ]
    return run('ip', inside(places, ...ssh), script, timeout).then(text => text.trim())
  }

/** What machines do with the metadata service, as shell functions that scripts on them begin with. */
export const shell = `
token() { curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token; }
meta() { curl -sf -H "X-aws-ec2-metadata-token: $(token)" "http://169.254.169.254/latest/$1"; }
role() { meta "meta-data/iam/security-credentials/$(meta meta-data/iam/security-credentials/)"; }
signed() { # SERVICE CREDENTIALS-FILE URL: the status and the answer
  curl -s -w '\\n%{http_code}' --aws-sigv4 "aws:amz:us-west-2:$1" \\
    --user "$(jq -r '.AccessKeyId + ":" + .SecretAccessKey' "$2")" \\
    -H "x-amz-security-token: $(jq -r .Token "$2")" "$3"
}
`
