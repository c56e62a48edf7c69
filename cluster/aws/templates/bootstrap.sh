#!/bin/bash
# Makes a machine a member of the cluster, in stages: volume (the master's), release, salt, states. Runs at first boot
# and at every boot after it; what is done already costs little and changes nothing.
# Use: bootstrap.sh [install | a stage]
set -euo pipefail
umask 077

etc=/etc/kube-up
opt=/opt/kube-up
pd=/mnt/master-pd

say() { echo "kube-up: $*"; }

# The parameters as variables of the shell, and of each file its key, its sum and where it is unpacked: read once a boot, for Python takes an
# emulated machine seconds to start.
declare -A key sha256 to
parameters() {
  mkdir -p /run/kube-up
  [ -e /run/kube-up/parameters ] || {
    python3 - > /run/kube-up/parameters.new <<'PYTHON'
import json, shlex

told = json.load(open("/etc/kube-up/parameters.json"))
for name in ["role", "bucketUrl", "bucketPrefix", "volume"]:
    print(f"{name}={shlex.quote(told.get(name, ''))}")
for name, file in told["files"].items():
    print(*(f"{field}[{shlex.quote(name)}]={shlex.quote(file[field])}" for field in ["key", "sha256", "to"]))
PYTHON
    mv /run/kube-up/parameters.new /run/kube-up/parameters
  }
  . /run/kube-up/parameters
}

# The unit runs this script at every boot. Its output is what the console shows.
install() {
  cat > /etc/systemd/system/kube-up.service <<'UNIT'
[Unit]
Description=Make this machine a member of the cluster
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=/bin/bash /etc/kube-up/bootstrap.sh
StandardOutput=journal+console
StandardError=journal+console

[Install]
WantedBy=multi-user.target
UNIT
  systemctl daemon-reload
  systemctl enable --quiet kube-up.service
  systemctl start kube-up.service
}

# The master's own volume: etcd's data and the keys outlive the master on it. Its serial number is its id, whatever
# name the kernel gave it: https://docs.aws.amazon.com/ebs/latest/userguide/identify-nvme-ebs-device.html
volume() {
  [ "$role" = master ] || return 0
  local device=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume/-/}
  [ -b "$device" ] || { echo "volume $volume is not attached yet"; return 1; }
  # Only what holds nothing at all is formatted: blkid says so with 2, and wipefs, which knows other signatures, with silence.
  local held=0
  blkid --probe "$device" > /dev/null || held=$?
  if [ "$held" = 2 ] && [ -z "$(wipefs --no-act --noheadings "$device")" ]; then
    mkfs.ext4 -q -m 0 -E lazy_itable_init=1,lazy_journal_init=1 -L master-pd "$device"
    udevadm settle
  fi
  mkdir -p "$pd"
  # Without its volume the master still boots, so that one can look at what is wrong.
  local line="$device $pd ext4 defaults,nofail,x-systemd.device-timeout=60s 0 2"
  grep --quiet --fixed-strings --line-regexp "$line" /etc/fstab || {
    sed -i "\\|[[:space:]]$pd[[:space:]]|d" /etc/fstab
    echo "$line" >> /etc/fstab
    systemctl daemon-reload
  }
  mountpoint --quiet "$pd" || mount "$pd"
}

# $1 a file of the release. The sum is taken while it streams past, and only what kube-up staged gets a name that lasts.
# A file may be several archives in a row, each with an end of its own, which tar is told to pass over.
unpack() {
  local name=$1 at=$opt/files/$1 got fd summing compressed=()
  [ "$(cat "$at.sha256" 2> /dev/null)" = "${sha256[$name]}" ] && return
  rm -rf "$at" "$at.new"
  mkdir -p "$at.new"
  [[ $name != *.gz ]] || compressed=(--gzip)
  exec {fd}> >(sha256sum > "$at.sum")
  summing=$!
  # What is unpacked is no secret: etcd and pods that are not root have to reach it, through folders the archive does not name.
  $etc/bucket "$bucketUrl/${key[$name]}" | tee "/dev/fd/$fd" |
    tar --extract "${compressed[@]}" --ignore-zeros --directory "$at.new" --no-same-owner {fd}>&-
  exec {fd}>&-
  wait "$summing"
  got=$(cut -d ' ' -f 1 "$at.sum")
  [ "$got" = "${sha256[$name]}" ] || { echo "$name is not what was staged: its SHA-256 is $got"; return 1; }
  mv "$at.new" "$at"
  echo "$got" > "$at.sha256"
}

# What this machine runs, and the states that set it up: side by side, for one core decompresses while another decrypts.
# When all of it is there, it is linked to where the states look for it.
release() {
  local pid pids=() failed=0 name
  # Nothing of it is secret, and etcd is not root.
  umask 022
  mkdir -p $opt/files
  for name in "${!to[@]}"; do unpack "$name" & pids+=($!); done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  [ $failed = 0 ] || return 1
  for name in "${!to[@]}"; do
    mkdir -p "${to[$name]}"
    cp --recursive --link --force "$opt/files/$name/." "${to[$name]}"
  done
}

# What the states are told: the parameters, this machine's own names, and a sum of its identity, so that what uses it
# starts anew when it changes. The JSON renderer takes it as it is: no value is ever a template.
salt() {
  mkdir -p $etc/salt /srv/pillar
  local pki=/etc/kubernetes/pki from=node
  if [ "$role" = master ]; then pki=$pd/pki from=master; fi
  $etc/bucket --output /run/kube-up/identity.json "$bucketUrl/$bucketPrefix$from/identity.json"
  INSTANCE=$($etc/metadata instance-id) NAMES=$($etc/metadata local-hostname) ADDRESS=$($etc/metadata local-ipv4) \
    PKI=$pki python3 - <<'PYTHON'
import hashlib, json, os, pathlib

identity = pathlib.Path("/run/kube-up/identity.json").read_bytes()
pki = pathlib.Path(os.environ["PKI"])
for name, contents in json.loads(identity)["files"].items():
    path = pki / name
    if pki not in path.resolve().parents:
        raise SystemExit(f"identity.json names a file outside of {pki}: {name}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != contents:
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(contents)
        fresh.replace(path)
parameters = json.loads(pathlib.Path("/etc/kube-up/parameters.json").read_text())
told = {
    **parameters,
    "instance": os.environ["INSTANCE"],
    # With several domains in the DHCP options there are several names; the first is the one EC2 calls the machine by.
    "nodeName": os.environ["NAMES"].split()[0],
    "address": os.environ["ADDRESS"],
    "pki": str(pki),
    "identity": hashlib.sha256(identity).hexdigest(),
}
write = lambda name, value: pathlib.Path(name).write_text("#!json\n" + json.dumps(value, indent=2) + "\n")
write("/srv/pillar/top.sls", {"base": {"*": ["parameters"]}})
write("/srv/pillar/parameters.sls", told)
# What Salt would look for here and find out about the hardware takes it seconds, and no state asks.
options = {
    "id": os.environ["INSTANCE"],
    "file_client": "local",
    "file_roots": {"base": ["/srv/salt"]},
    "pillar_roots": {"base": ["/srv/pillar"]},
    "autoload_dynamic_modules": False,
    "enable_gpu_grains": False,
    "enable_fqdns_grains": False,
    "log_level": "warning",
    "log_level_logfile": "warning",
    "state_output": "changes",
    "state_verbose": False,
}
pathlib.Path("/etc/kube-up/salt/minion").write_text(json.dumps(options, indent=2) + "\n")
PYTHON
  rm /run/kube-up/identity.json
  printf '#!/bin/sh\nexec %s/release/salt/salt-call --local --config-dir %s/salt "$@"\n' $opt $etc > $etc/salt-call
  chmod 700 $etc/salt-call
}

states() { $etc/salt-call --retcode-passthrough state.apply; }

# Writes how far this machine is where kube-up reads it: $1 the stage, $2 working, done or failed, $3 a log. It goes on
# meanwhile; the next report waits for this one, so that the last one stays.
report() {
  [ -z "${reporting:-}" ] || wait "$reporting"
  tell "$@" &
  reporting=$!
}

tell() {
  local log='' status=/run/kube-up/status.json
  [ -z "${3:-}" ] ||
    log=", \"log\": $(tail -n 30 "$3" | python3 -c 'import json, sys; print(json.dumps(sys.stdin.buffer.read().decode(errors="replace")))')"
  printf '{"instance": "%s", "role": "%s", "stage": "%s", "state": "%s", "at": "%s"%s}\n' \
    "$instance" "$role" "$1" "$2" "$(date --utc +%Y-%m-%dT%H:%M:%SZ)" "$log" > $status
  $etc/bucket --retry 3 --retry-all-errors --output /dev/null --upload-file $status \
    "$bucketUrl/${bucketPrefix}status/$role/$instance.json" || say 'could not report to the bucket'
}

# Each stage is a process of its own: bash heeds set -e only outside of a condition.
conduct() {
  local stage log=/var/log/kube-up.log began
  instance=$($etc/metadata instance-id)
  for stage in volume release salt states; do
    report "$stage" working
    began=$SECONDS
    until bash "$0" "$stage" > $log 2>&1; do
      say "$stage: $(tail -n 1 $log)"
      if ((SECONDS - began > 1200)); then
        tail -n 30 $log
        say "$stage failed"
        report "$stage" failed $log
        wait "$reporting"
        exit 1
      fi
      sleep 5
    done
    say "$stage took $((SECONDS - began)) s"
  done
  report done done
  wait "$reporting"
  say 'done'
}

case "${1:-}" in
  install) install ;;
  volume | release | salt | states) parameters && "$1" ;;
  '') parameters && conduct ;;
  *) say "no stage is called $1"; exit 2 ;;
esac
