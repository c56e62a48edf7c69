#!/bin/bash
# Imports an image archive into containerd: $1 the archive, $2 the name it must have, whatever the archive calls it.
set -euo pipefail
mark=/var/lib/containerd/kube-up/${2//\//_}
# As docker save writes it, which is what is built; or as the OCI has it, which is what registries give.
called=$(python3 - "$1" <<'PYTHON'
import json, sys, tarfile

with tarfile.open(sys.argv[1]) as archive:
    read = lambda name: json.load(archive.extractfile(name))
    if "manifest.json" in archive.getnames():
        print(read("manifest.json")[0]["RepoTags"][0])
    else:
        print(read("index.json")["manifests"][0]["annotations"]["io.containerd.image.name"])
PYTHON
)
# The other way, through containerd's transfer service, costs two and a half times the work.
ctr --namespace k8s.io images import --local "$1" > /dev/null
[ "$called" = "$2" ] || ctr --namespace k8s.io images tag --force "$called" "$2" > /dev/null
mkdir -p "${mark%/*}"
touch "$mark"
