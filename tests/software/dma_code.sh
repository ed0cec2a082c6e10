#!/bin/sh
# Code that DMA brings over code that ran; and a driver that breaks a rule.
# Usage: dma_code.sh TRAPWALK
trapwalk=$1
here=$(dirname "$0")
if ! command -v aarch64-linux-gnu-gcc >/dev/null; then
  echo "SKIPPED: aarch64-linux-gnu-gcc is missing; install the package gcc-aarch64-linux-gnu" >&2
  exit 77
fi
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
aarch64-linux-gnu-gcc -O1 -ffreestanding -fno-stack-protector -mgeneral-regs-only -mstrict-align -nostdlib -static \
  -Wl,-Ttext=0x40100000,--build-id=none "$here/dma_code.c" -o "$folder/dma_code.elf" || exit 1
# mov w0, #2; ret
{ printf '\100\000\200\122\300\003\137\326'; head -c 504 /dev/zero; } >"$folder/disk"
for options in "" "--fidelity timed" "--smp 2" "--set host.shortcuts=false" "--set device.virtio.request_latency=1"; do
  # shellcheck disable=SC2086
  "$trapwalk" run --kernel "$folder/dma_code.elf" --drive "$folder/disk" --max-time 1s $options </dev/null >"$folder/console" || exit 1
  [ "$(cat "$folder/console")" = 123 ] || { echo "FAILED: '$options' printed:"; cat "$folder/console"; exit 1; }
done
