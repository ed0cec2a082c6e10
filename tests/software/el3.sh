#!/bin/sh
# A core with EL3: an ELF program starts there and is its own firmware (no PSCI); a raw one starts at EL2 as the Linux boot
# protocol wants, and PSCI is the platform's. Usage: el3.sh TRAPWALK
trapwalk=$1
here=$(dirname "$0")
if ! command -v aarch64-linux-gnu-gcc >/dev/null; then
  echo "SKIPPED: aarch64-linux-gnu-gcc is missing; install the package gcc-aarch64-linux-gnu" >&2
  exit 77
fi
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
aarch64-linux-gnu-gcc -nostdlib -static -Wl,-Ttext=0x40100000,--build-id=none "$here/el3.S" -o "$folder/el3.elf" || exit 1
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
