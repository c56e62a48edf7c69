#!/bin/bash
# Runs on every machine after user data fetched it: brings the release onto the machine and says so on the console.
set -euo pipefail
stage() { echo "kube-up: $*"; }
trap 'stage "failed at line $LINENO: $BASH_COMMAND"' ERR

parameter() { python3 -c 'import functools, json, sys; print(functools.reduce(lambda at, key: at[key], sys.argv[1:], json.load(open("/etc/kube-up/parameters.json"))))' "$@"; }

# $1: a file of the release. Comes from the bucket, and is used only when it is what kube-up staged.
release() {
  local path="/var/cache/kube-up/$1" sha256
  sha256=$(parameter files "$1" sha256)
  if ! echo "$sha256  $path" | sha256sum --check --status 2> /dev/null; then
    /etc/kube-up/fetch "$(parameter bucketUrl)/$(parameter files "$1" key)" "$path"
    echo "$sha256  $path" | sha256sum --check --quiet
  fi
  echo "$path"
}

mkdir -p /var/cache/kube-up /srv/salt
stage "fetching the release as a $(parameter role)"
tar --extract --gzip --file "$(release kubernetes-salt.tar.gz)" --directory /srv/salt --strip-components 1
stage 'the release is here'
