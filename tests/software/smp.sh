#!/bin/sh
# Cores started by PSCI, released by SEV, in both fidelities and at several quanta.
# Usage: smp.sh TRAPWALK
trapwalk=$1
. "$(dirname "$0")/bare.sh"
build smp.S
for options in "" "--fidelity timed" "--set platform.quantum=100" "--set platform.quantum=1000000"; do
  # shellcheck disable=SC2086
  "$trapwalk" run --kernel "$folder/smp.elf" --smp 4 --max-time 1s $options </dev/null >"$folder/console" || exit 1
  [ "$(cat "$folder/console")" = BCD ] || { echo "FAILED: '$options' printed:"; cat "$folder/console"; exit 1; }
done
