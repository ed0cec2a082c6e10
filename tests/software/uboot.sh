#!/bin/sh
# Debian's U-Boot for QEMU's virt, unmodified: to its prompt, and it answers `version`.
# Usage: uboot.sh TRAPWALK [RUN-OPTION...]
trapwalk=$1
shift
firmware=${TRAPWALK_UBOOT:-/usr/lib/u-boot/qemu_arm64/u-boot.bin}
if [ ! -r "$firmware" ]; then
  echo "SKIPPED: $firmware is missing; install the package u-boot-qemu" >&2
  exit 77
fi
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

"$trapwalk" run --bios "$firmware" --type 'stop autoboot=> ' --type '=> =>version\r' --until 'GNU ld' \
  --max-instructions 600000000 "$@" </dev/null >"$folder/console" 2>"$folder/summary"
status=$?
cat "$folder/console" "$folder/summary"
fail() {
  echo "FAILED: $1"
  exit 1
}
[ $status -eq 0 ] || fail "exit status $status"
# The banner at the start, the prompt with the command as echoed, and the banner again as the answer.
grep -q '^=> version' "$folder/console" || fail "no prompt"
[ "$(grep -c '^U-Boot 20' "$folder/console")" -eq 2 ] || fail "no answer to 'version'"
grep -q 'DRAM:  1 GiB' "$folder/console" || fail "U-Boot did not find its memory in the device tree"
! grep -q 'unimplemented encodings' "$folder/summary" || fail "encodings are missing"
