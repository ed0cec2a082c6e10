#!/bin/sh
# Trusted Firmware-A from reset at EL3 to U-Boot in the Non-secure world, which asks it for PSCI.
# Usage: tf_a.sh TRAPWALK gicv2|gicv3 [RUN-OPTION...]
trapwalk=$(realpath "$1")
version=$2
shift 2
folder=${TRAPWALK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trapwalk}/tf-a/$version
output=$(mktemp -d) || exit 1
trap 'rm -rf "$output"' EXIT
if [ ! -r "$folder/bl31.bin" ]; then # built once, from Debian's source package
  mkdir -p "${folder%/*}"
  build="$(dirname "$0")/../../scripts/build-tf-a.sh"
  if ! flock "${folder%/*}/lock" sh -c '[ -r "$1" ] || "$0"' "$build" "$folder/bl31.bin" >"$output/build" 2>&1; then
    echo "SKIPPED: there is no $folder/bl31.bin, and scripts/build-tf-a.sh failed:" >&2
    tail -n 5 "$output/build" >&2
    exit 77
  fi
fi
cd "$folder" || exit 1
fail() {
  echo "FAILED: $1"
  exit 1
}
"$trapwalk" run --secure --semihosting --bios bl1.bin --gic "${version#gicv}" --type 'autoboot=> ' \
  --type '=> =>version\r' --type '=> =>poweroff\r' --max-instructions 1000000000 "$@" \
  </dev/null >"$output/console" 2>"$output/summary"
status=$?
cat "$output/console" "$output/summary"
[ $status -eq 0 ] || fail "exit status $status"
grep -q 'BL31: Preparing for EL3 exit to normal world' "$output/console" || fail "BL31 did not start"
[ "$(grep -c '^U-Boot 20' "$output/console")" -eq 2 ] || fail "no answer to 'version'"
grep -q 'stopped: the guest powered off' "$output/summary" || fail "no power-off by PSCI"
! grep -q 'unimplemented encodings' "$output/summary" || fail "encodings are missing"
