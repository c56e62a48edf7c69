#!/bin/bash
# Signs the kubelet's first client certificate with the cluster's authority: $1 where its key is, $2 the node's name.
set -euo pipefail
umask 077
to=/var/lib/kubelet/pki
mkdir -p $to
cd "$(mktemp -d)"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -subj "/O=system:nodes/CN=system:node:$2" -out asked 2> /dev/null
printf 'keyUsage = critical, digitalSignature\nextendedKeyUsage = clientAuth\n' > usage
openssl x509 -req -in asked -CA "$1/ca.crt" -CAkey "$1/ca.key" -set_serial "0x$(openssl rand -hex 16)" -days 365 -extfile usage -out certificate 2> /dev/null
# The kubelet keeps its certificates so: a file for each, and a link to the one in use.
cat certificate key > $to/kubelet-client-first.pem
ln -s kubelet-client-first.pem $to/kubelet-client-current.pem
rm -r "$PWD"
