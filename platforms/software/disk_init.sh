#!/bin/sh
# The first program of the initial RAM file system for machines with a disk: loads Debian's virtio and ext4 drivers,
# mounts root= and goes on there. A root that debootstrap has only unpacked is completed first (its second stage), once;
# then the machine powers off.
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
for module in /modules/*; do insmod "$module" || echo "trapwalk: insmod $module failed"; done
root=$(sed -n 's/.*\broot=\([^ ]*\).*/\1/p' /proc/cmdline)
tries=0
until [ -b "$root" ] || [ $((tries += 1)) -gt 50 ]; do sleep 0.1; done
if ! mount -t ext4 -o rw "$root" /root; then
  echo "trapwalk: $root cannot be mounted; the disks are:"
  cat /proc/partitions
  poweroff -f
fi
if [ ! -e /root/debootstrap ]; then
  umount /proc /sys
  mount -o move /dev /root/dev
  exec switch_root /root /sbin/init
fi

echo "trapwalk: completing the root"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive
if ! /bin/busybox chroot /root /debootstrap/debootstrap --second-stage; then
  tail -n 20 /root/debootstrap/debootstrap.log
  echo "trapwalk: the root is not complete"
  /bin/busybox poweroff -f
fi
cd /root
echo trapwalk >etc/hostname
echo "/dev/vda / ext4 errors=remount-ro 0 1" >etc/fstab
echo "nameserver 10.0.2.3" >etc/resolv.conf
printf '[Match]\nName=e*\n[Network]\nDHCP=yes\n' >etc/systemd/network/80-dhcp.network
/bin/busybox chroot . systemctl enable systemd-networkd
/bin/busybox chroot . passwd -d root
/bin/busybox rm -f var/cache/apt/archives/*.deb
cd /
/bin/busybox umount /root/proc /root/sys
/bin/busybox umount /root || /bin/busybox mount -o remount,ro /root
/bin/busybox sync
echo "trapwalk: the root is complete"
/bin/busybox poweroff -f
