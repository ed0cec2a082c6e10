#!/bin/sh
# The first program of the initial RAM file system that `trapwalk software` builds around Debian's busybox: says which
# processor Linux sees, computes something, prints its marker, powers off. Among the kernel's arguments, trapwalk.shell
# ends in a shell instead, trapwalk.sleep=SECONDS waits first (a dom0 whose end would take the other domains with it).
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
seconds=$(sed -n 's/.*trapwalk\.sleep=\([0-9]*\).*/\1/p' /proc/cmdline)
sleep "${seconds:-0}"
poweroff -f
