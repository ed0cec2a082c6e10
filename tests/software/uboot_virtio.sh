#!/bin/sh
# U-Boot's own virtio drivers: it reads disks and an ext2 file system, writes, gets an address by DHCP; what it wrote is in
# the file only when that was asked for, and a killed run harms none.
# Usage: uboot_virtio.sh TRAPWALK [RUN-OPTION...]
trapwalk=$1
shift
firmware=${TRAPWALK_UBOOT:-/usr/lib/u-boot/qemu_arm64/u-boot.bin}
PATH=$PATH:/sbin:/usr/sbin
for needed in "$firmware" "$(command -v mke2fs)"; do
  [ -r "$needed" ] && continue
  echo "SKIPPED: U-Boot or mke2fs is missing; run scripts/install-dependencies.sh" >&2
  exit 77
done
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
fail() {
  echo "FAILED: $1"
  cat console summary
  exit 1
}

# 1 MB of numbered lines, and a file system with one file.
seq 1 200000 | head -c 1048576 >numbers.img
mkdir files && seq 1 3000 >files/lines && mke2fs -q -t ext2 -d files files.img 2M >/dev/null || exit 1
cp numbers.img numbers.before
crc() { python3 -c 'import sys, zlib; print("%08x" % zlib.crc32(sys.stdin.buffer.read()))'; }
whole=$(crc <numbers.img)
lines=$(crc <files/lines)

# run OPTION-OF-THE-NUMBERS OPTION...: reads the disk, writes 1 KB of it back 8 sectors further on, reads that.
run() {
  how=$1
  shift
  "$trapwalk" run --bios "$firmware" --drive "numbers.img$how" --drive files.img,readonly --netdev user --virtio-rng \
    --type 'stop autoboot=> ' \
    --type '\n=> =>virtio info\r' \
    --type '\n=> =>virtio dev 0; virtio read 42000000 0 800; crc32 42000000 100000\r' \
    --type '\n=> =>virtio dev 1; virtio read 42000000 0 800; crc32 42000000 100000\r' \
    --type '\n=> =>ext4load virtio 0 43000000 lines; crc32 43000000 ${filesize}\r' \
    --type '\n=> =>ext4load virtio 1 43000000 lines; crc32 43000000 ${filesize}\r' \
    --type '\n=> =>mw.b 44000000 a5 400; virtio dev 1; virtio write 44000000 8 2; virtio write 44000000 7ff 2\r' \
    --type '\n=> =>virtio dev 0; virtio write 44000000 8 2\r' \
    --type '\n=> =>setenv autoload no; dhcp; ping 10.0.2.2\r' \
    --type '\n=> =>echo all is done\r' --until '
all is done' --max-instructions 3000000000 "$@" </dev/null >console 2>summary
}

run "" --report first.json || fail "exit status $?"
grep -q "Device 0: QEMU VirtIO Block Device" console || fail "no first disk"
grep -q "Device 1: QEMU VirtIO Block Device" console || fail "no second disk"
grep -q "$whole" console || fail "the disk's contents: no $whole"
grep -q "$lines" console || fail "the file's contents: no $lines"
grep -q "DHCP client bound to address 10.0.2.15" console || fail "no DHCP"
grep -q "host 10.0.2.2 is alive" console || fail "no answer from the gateway"
cmp -s numbers.img numbers.before || fail "the image of a snapshot was changed"
run "" --report second.json || fail "exit status $?"
cmp -s first.json second.json || fail "two runs differ"

# Killed while it writes again and again.
"$trapwalk" run --bios "$firmware" --drive numbers.img --type 'stop autoboot=> ' \
  --type '\n=> =>while true; do virtio write 44000000 0 400; done\r' </dev/null >console 2>summary &
writer=$!
tries=0
until grep -q 'blocks written: OK' console || [ $tries -eq 300 ]; do
  sleep 1
  tries=$((tries + 1))
done
kill -KILL $writer
grep -q 'blocks written: OK' console || fail "it never wrote"
cmp -s numbers.img numbers.before || fail "a killed run changed the image of a snapshot"

cp files.img files.before
run ",snapshot=off" || fail "exit status $?"
cmp -s files.img files.before || fail "a read-only image was changed"
[ "$(wc -c <numbers.img)" -eq 1048576 ] || fail "the image has another size"
{ head -c 4096 numbers.before; head -c 1024 /dev/zero | tr '\0' '\245'; tail -c +5121 numbers.before; } >expected
cmp -s numbers.img expected || fail "what U-Boot wrote is not in the file, or more is"
