# Each argument is path=value below /proc/sys. What this kernel does not have needs no setting.
for one; do
  [ ! -e "/proc/sys/${one%%=*}" ] || echo "${one#*=}" > "/proc/sys/${one%%=*}"
done
