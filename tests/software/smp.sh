#!/bin/sh
# Cores started by PSCI, released by SEV, in both fidelities and at several quanta.
# Usage: smp.sh TRAPWALK
trapwalk=$1
here=$(dirname "$0")
if ! command -v aarch64-linux-gnu-gcc >/dev/null; then
  echo "SKIPPED: aarch64-linux-gnu-gcc is missing; install the package gcc-aarch64-linux-gnu" >&2
  exit 77
fi
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
aarch64-linux-gnu-gcc -nostdlib -static -Wl,-Ttext=0x40100000,--build-id=none "$here/smp.S" -o "$folder/smp.elf" || exit 1
for options in "" "--fidelity timed" "--set platform.quantum=100" "--set platform.quantum=1000000"; do
  # shellcheck disable=SC2086
  "$trapwalk" run --kernel "$folder/smp.elf" --smp 4 --max-time 1s $options </dev/null >"$folder/console" || exit 1
  [ "$(cat "$folder/console")" = BCD ] || { echo "FAILED: '$options' printed:"; cat "$folder/console"; exit 1; }
done
