#!/bin/sh
# A core with EL3: an ELF program starts there and is its own firmware (no PSCI); a raw one starts at EL2 as the Linux boot
# protocol wants, and PSCI is the platform's. Usage: el3.sh TRAPWALK
trapwalk=$1
. "$(dirname "$0")/bare.sh"
build el3.S
aarch64-linux-gnu-objcopy -O binary "$folder/el3.elf" "$folder/el3.bin" || exit 1
failures=0
expect() {
  wanted=$1
  expected=$2
  shift 2
  "$trapwalk" run --max-instructions 100000 "$@" </dev/null >"$folder/console" 2>"$folder/summary"
  status=$?
  if [ $status -ne $wanted ] || [ "$(cat "$folder/console")" != "$expected" ]; then
    echo "FAILED: $*: status $status, printed '$(cat "$folder/console")', expected '$expected'"
    cat "$folder/summary"
    failures=$((failures + 1))
  fi
}
expect 3 321F --kernel "$folder/el3.elf" --set core.el3=true
expect 0 221P --kernel "$folder/el3.bin" --set core.el3=true
expect 0 221P --kernel "$folder/el3.elf"
expect 0 221P --kernel "$folder/el3.elf" --fidelity timed --smp 8
[ $failures -eq 0 ]
