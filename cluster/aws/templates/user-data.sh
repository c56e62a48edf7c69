#!/bin/bash
# First boot of a {{role}}: fetches the bootstrap script from the cluster's bucket, with the rights of the instance's
# role, checks that it is the one kube-up staged, and runs it.
set -euo pipefail
umask 077
mkdir -p /etc/kube-up
cat > /etc/kube-up/parameters.json <<'PARAMETERS'
{{parameters}}
PARAMETERS

# Fetches an object of the bucket: $1 its URL, $2 where to put it. Credentials reach curl on its standard input, never
# its command line, where every process could read them.
cat > /etc/kube-up/fetch <<'FETCH'
#!/bin/bash
set -euo pipefail
ask() { curl --silent --show-error --fail --retry 10 --retry-all-errors --max-time 5 "$@"; }
imds=http://169.254.169.254/latest
token=$(ask --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$imds/api/token")
meta() { ask --header "X-aws-ec2-metadata-token: $token" "$imds/meta-data/$1"; }
credentials=$(meta "iam/security-credentials/$(meta iam/security-credentials/)")
field() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" <<< "$credentials"; }
printf 'user = "%s:%s"\nheader = "x-amz-security-token: %s"\n' "$(field AccessKeyId)" "$(field SecretAccessKey)" "$(field Token)" |
  curl --silent --show-error --fail --retry 10 --retry-all-errors --config - \
    --aws-sigv4 'aws:amz:{{region}}:s3' --output "$2" "$1"
FETCH
chmod 700 /etc/kube-up/fetch

echo 'kube-up: fetching the bootstrap script'
/etc/kube-up/fetch '{{url}}' /etc/kube-up/bootstrap.sh
echo '{{sha256}}  /etc/kube-up/bootstrap.sh' | sha256sum --check --quiet
exec bash /etc/kube-up/bootstrap.sh
