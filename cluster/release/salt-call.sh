#!/bin/sh
# Runs Salt with the machine's own Python; everything else it needs lies beside this file.
here=$(dirname "$(readlink -f "$0")")
PYTHONPATH="$here/site-packages" exec python3 -c 'import salt.scripts; salt.scripts.salt_call()' "$@"
