#!/bin/sh
# The forms in which kernels come, each unharmed (it runs), truncated and damaged (one clear message, exit status 2).
# Usage: boot_formats.sh TRAPWALK
trapwalk=$1
here=$(cd "$(dirname "$0")" && pwd)
for tool in aarch64-linux-gnu-gcc gzip xz zstd python3; do
  command -v $tool >/dev/null && continue
  echo "SKIPPED: $tool is missing; run scripts/install-dependencies.sh" >&2
  exit 77
done
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
aarch64-linux-gnu-gcc -nostdlib -static -Wl,-Ttext=0,--build-id=none "$here/image.S" -o image.elf 2>/dev/null &&
  aarch64-linux-gnu-objcopy -O binary image.elf Image || exit 1
gzip -k Image && xz -k --check=crc32 Image && zstd -q Image || exit 1
# zboot: a header, the packed kernel, and for all but gzip the unpacked size in the last four bytes of the packed data.
python3 - <<'PYTHON'
import struct
size = len(open("Image", "rb").read())
for name, suffix in (("gzip", "gz"), ("xzkern", "xz"), ("zstd", "zst"), ("lz4", "gz")):
    packed = open(f"Image.{suffix}", "rb").read()
    header = b"MZ\0\0zimg" + struct.pack("<II8x32s", 64, len(packed), name.encode()) + b"\xcd\x23\x82\x81" + struct.pack("<I", 64)
    open(f"{name}.zboot", "wb").write(header + packed + (b"" if name == "gzip" else struct.pack("<I", size)))
PYTHON
failures=0
# expect STATUS PATTERN KERNEL [OPTION...]
expect() {
  status=$1
  pattern=$2
  file=$3
  shift 3
  timeout 600 "$trapwalk" run --kernel "$file" "$@" --max-instructions 1000 </dev/null >output 2>&1
  got=$?
  if [ $got -ne "$status" ] || ! grep -q -- "$pattern" output; then
    echo "FAILED: $file $*: status $got, expected $status and '$pattern'; it said:"
    cat output
    failures=$((failures + 1))
  fi
}
for kernel in Image Image.gz Image.xz Image.zst gzip.zboot xzkern.zboot zstd.zboot; do
  expect 0 '^K' $kernel
  for cut in 10 1000; do
    head -c -$cut $kernel >short
    expect 2 'short: .*truncated' short
  done
done
expect 2 "compressed with 'lz4'" lz4.zboot
for kernel in Image.gz Image.xz Image.zst; do
  { head -c 2000 $kernel; printf garbage; tail -c +2008 $kernel; } >damaged
  expect 2 'damaged: ' damaged
done
# One kernel unpacks to more than any kernel has.
head -c 540000000 /dev/zero | zstd -q -1 >bomb.zst
expect 2 'more than 512 MB' bomb.zst
# A ramdisk that ends one byte beyond RAM: it begins at half of 8 MB.
head -c 4194305 /dev/zero >ramdisk
expect 2 'ramdisk: .*does not fit into RAM' Image --initrd ramdisk --memory 8M
head -c 2097152 /dev/zero >ramdisk
expect 0 '^K' Image --initrd ramdisk --memory 8M
[ $failures -eq 0 ]
