# Runs a program as somebody who is not root, with this checkout and this node in reach: $1 is a folder of theirs, $2 the checkout,
# $3 node's own folder, and the rest the program. What it mounts is seen by that program alone.
set -eu
at=$1 checkout=$2 node=$3
shift 3
mkdir -p "$at/checkout" "$at/node"
mount --bind "$checkout" "$at/checkout"
mount --bind "$node" "$at/node"
cd "$at"
exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
