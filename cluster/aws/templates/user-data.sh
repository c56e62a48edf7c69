#!/bin/bash
# First boot of a {{role}}: fetches the bootstrap script from the cluster's bucket, with the rights of the instance's
# role, checks that it is the one kube-up staged, and runs it.
set -euo pipefail
umask 077
mkdir -p /etc/kube-up
cat > /etc/kube-up/parameters.json <<'PARAMETERS'
{{parameters}}
PARAMETERS

# What the metadata service says: $1 the path of it. Demands a token, as the instances of the cluster do.
cat > /etc/kube-up/metadata <<'METADATA'
#!/bin/bash
set -euo pipefail
ask() { curl --silent --show-error --fail --retry 10 --retry-all-errors --retry-max-time 120 --max-time 5 "$@"; }
imds=http://169.254.169.254/latest
token=$(ask --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$imds/api/token")
ask --header "X-aws-ec2-metadata-token: $token" "${@/#/$imds/meta-data/}"
METADATA

# curl with the rights of the instance's role in the bucket. The credentials reach it on its standard input, never its
# command line, where every process could read them.
cat > /etc/kube-up/bucket <<'BUCKET'
#!/bin/bash
set -euo pipefail
role=$(/etc/kube-up/metadata iam/security-credentials/)
credentials=$(/etc/kube-up/metadata "iam/security-credentials/$role")
field() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" <<< "$credentials"; }
printf 'user = "%s:%s"\nheader = "x-amz-security-token: %s"\n' "$(field AccessKeyId)" "$(field SecretAccessKey)" "$(field Token)" |
  curl --silent --show-error --fail --config - --aws-sigv4 'aws:amz:{{region}}:s3' --connect-timeout 10 "$@"
BUCKET
chmod 700 /etc/kube-up/metadata /etc/kube-up/bucket

echo 'kube-up: fetching the bootstrap script'
/etc/kube-up/bucket --retry 10 --retry-all-errors --retry-max-time 300 --output /etc/kube-up/bootstrap.sh '{{url}}'
echo '{{sha256}}  /etc/kube-up/bootstrap.sh' | sha256sum --check --quiet
exec bash /etc/kube-up/bootstrap.sh install
