#!/bin/bash
# perf_event_open inside Debian's kernel: exact counts and samples of loops that are known (perf_events.c), in both
# fidelities; the TLB events count in timed fidelity only.
#   perf_events.sh TRAPWALK      exit status 77: skipped
set -u
trapwalk=$1
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
skip() { echo "SKIPPED: $*"; exit 77; }

command -v aarch64-linux-gnu-gcc >/dev/null || skip "aarch64-linux-gnu-gcc is not installed"
command -v cpio >/dev/null || skip "cpio is not installed"
"$trapwalk" software get linux-arm64 >"$work/get" 2>&1
case $? in
  0) ;;
  5) cat "$work/get"; skip "linux-arm64 cannot be fetched" ;;
  *) cat "$work/get"; exit 1 ;;
esac

mkdir "$work/root"
aarch64-linux-gnu-gcc -O2 -static -Wall -Wextra -Werror -o "$work/root/init" "$here/perf_events.c" || exit 1
(cd "$work/root" && echo init | cpio -o -H newc --quiet) >"$work/initrd" || exit 1

failed=0
try() {  # NAME EXTRA-ARGUMENT OPTION…
  local name=$1 argument=$2
  shift 2
  timeout 900 "$trapwalk" run --software linux-arm64 --initrd "$work/initrd" --append "console=ttyAMA0 -- $argument" \
    --max-instructions 4000000000 "$@" </dev/null >"$work/$name" 2>"$work/$name.errors"
  local status=$?
  grep -aE '^(PASS|FAIL)' "$work/$name" | tr -d '\r'
  if [ $status -ne 0 ] || ! grep -aq '^perf_events: PASS' "$work/$name"; then
    tail -n 20 "$work/$name" "$work/$name.errors"
    echo "FAILED: $name, exit status $status"
    failed=1
  fi
}
try functional ''
try timed timed --timed-from 'Run /init'
exit $failed
