#!/bin/sh
# Code that DMA brings over code that ran; and a driver that breaks a rule.
# Usage: dma_code.sh TRAPWALK
trapwalk=$1
. "$(dirname "$0")/bare.sh"
build dma_code.c -O1 -ffreestanding -fno-stack-protector -mgeneral-regs-only -mstrict-align
# mov w0, #2; ret
{ printf '\100\000\200\122\300\003\137\326'; head -c 504 /dev/zero; } >"$folder/disk"
for options in "" "--fidelity timed" "--smp 2" "--set host.shortcuts=false" "--set device.virtio.request_latency=1"; do
  # shellcheck disable=SC2086
  "$trapwalk" run --kernel "$folder/dma_code.elf" --drive "$folder/disk" --max-time 1s $options </dev/null >"$folder/console" || exit 1
  [ "$(cat "$folder/console")" = 123 ] || { echo "FAILED: '$options' printed:"; cat "$folder/console"; exit 1; }
done
