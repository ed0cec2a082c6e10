#!/bin/sh
# The first program of the initial RAM file system that `trapwalk software` builds around Debian's busybox: says which
# processor Linux sees, computes something, prints its marker, powers off. With trapwalk.shell among the kernel's
# arguments it ends in a shell instead.
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
cat /proc/cpuinfo
dmesg | grep -E 'Linux version|CPU features|All CPU|Machine model|hypervisor'
sha256sum /bin/busybox
echo "trapwalk: userland is up on $(nproc) CPUs"
if grep -q trapwalk.shell /proc/cmdline; then
  console=$(sed 's/.* //' /sys/class/tty/console/active)
  setsid sh -c "exec sh <>/dev/$console >&0 2>&1"
fi
poweroff -f
