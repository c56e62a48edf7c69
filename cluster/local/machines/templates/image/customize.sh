#!/bin/sh
# What turns a plain Debian into one that looks like EC2's own image. mmdebstrap calls it with the root directory.
set -eu
root=$1
here=$(dirname "$0")

# Every machine makes its own identity at first boot: two with one machine id would share DHCP leases.
: > "$root/etc/machine-id"
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname"
echo 'LABEL=root / ext4 defaults,discard 0 1' > "$root/etc/fstab"

cp "$here/99-ec2.cfg" "$root/etc/cloud/cloud.cfg.d/99-ec2.cfg"
cp "$here/61-ebs.rules" "$root/etc/udev/rules.d/61-ebs.rules"
# The domain that DHCP names is part of a machine's name, as in EC2's images.
install -d "$root/etc/systemd/networkd.conf.d"
printf '[Network]\nUseDomains=yes\n' > "$root/etc/systemd/networkd.conf.d/domains.conf"
# networkd itself, without netplan in front of it, saves five seconds of emulated CPU; DHCP's polite wait one more.
chroot "$root" systemctl --quiet enable systemd-networkd.service
echo nodelay >> "$root/etc/dhcpcd.conf"
# The guest accepts what serves https://s3.REGION.amazonaws.com here: a certificate authority made on this computer.
install -D -m 644 "$LOCAL_CA" "$root/usr/local/share/ca-certificates/kube-up-local.crt"
chroot "$root" update-ca-certificates > /dev/null 2>&1

# Nothing here can be upgraded in the background, and each of these costs seconds of emulated CPU at boot.
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
  man-db.timer dpkg-db-backup.timer systemd-pstore.service getty@tty1.service ldconfig.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/archives/*.deb "$root"/usr/share/doc/* "$root"/usr/share/locale/*
