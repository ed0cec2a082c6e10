#!/bin/sh
# The quantum is no property of the machine: with one core, the same instructions at the same times whatever it is.
# Usage: quantum.sh TRAPWALK
trapwalk=$1
firmware=${TRAPWALK_UBOOT:-/usr/lib/u-boot/qemu_arm64/u-boot.bin}
if [ ! -r "$firmware" ]; then
  echo "SKIPPED: $firmware is missing; install the package u-boot-qemu" >&2
  exit 77
fi
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
for quantum in 700 10000 1000000; do
  "$trapwalk" run --bios "$firmware" --type 'stop autoboot=> ' --until '=> ' --max-instructions 600000000 \
    --set platform.quantum=$quantum --report "$folder/$quantum.json" </dev/null >"$folder/$quantum.console" || exit 1
  # The configuration names the quantum; nothing else may differ.
  grep -v '"value"\|"set_by"' "$folder/$quantum.json" >"$folder/$quantum.compared"
done
for quantum in 10000 1000000; do
  cmp "$folder/700.console" "$folder/$quantum.console" || exit 1
  diff "$folder/700.compared" "$folder/$quantum.compared" || exit 1
done
grep -o '"simulated_ps": [0-9]*' "$folder/700.json"
