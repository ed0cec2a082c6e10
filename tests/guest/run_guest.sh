#!/bin/bash
# Runs a guest program on QEMU, which is the oracle, and on Trapwalk; the lines that both must print are compared.
#
#   run_guest.sh qemu ELF                                QEMU alone: the program passes its own checks
#   run_guest.sh trapwalk ELF TRAPWALK [OPTION …]        both, compared; OPTIONs go to `trapwalk run`
#   run_guest.sh alone ELF TRAPWALK [OPTION …]           Trapwalk alone: the program's own checks, which are the architecture's
#
# Environment: GUEST_STATUS, the exit status that both must have (default 0); GUEST_QEMU, options for QEMU; GUEST_CPU, the
# core of both (default cortex-a57); GUEST_GIC, version of the interrupt controller (default 2); GUEST_SMP, number of cores
# (default 1); GUEST_MACHINE, what QEMU's machine has (default virtualization=on); GUEST_TIMEOUT, seconds a simulator may
# take until it hangs (default 1500); GUEST_BACKPORTS, use QEMU of bookworm-backports (scripts/fetch-qemu.sh) if it is here; GUEST_ICOUNT,
# QEMU's clock: it counts instructions, since the host's load would be one of the guest's interrupts (default
# shift=0,sleep=off; none: the host's clock, where cores wait for one another); GUEST_UNSUPPORTED, a file with the names of
# what QEMU cannot try (it prints UNSUPPORTED): Trapwalk's lines about these are not compared.
# Exit status: 0 passed, 1 failed, 77 skipped (ctest's SKIP_RETURN_CODE), with the reason printed.
set -u

mode=$1 elf=$2
shift 2
status_wanted=${GUEST_STATUS:-0}
limit=${GUEST_TIMEOUT:-1500}
cpu=${GUEST_CPU:-cortex-a57}
gic=${GUEST_GIC:-2}
cores=${GUEST_SMP:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*"
  exit 1
}
skip() {
  echo "SKIPPED: $*"
  exit 77
}

# What counts: verdicts, trap counts, digests. NOTE lines tell of known divergences and are left out on purpose.
comparable() { tr -d '\r' <"$1" | grep -aE '^(PASS|FAIL|PANIC|RESULT|traps|digest)\b|^VM |^semihosting'; }

check_output() {  # NAME FILE STATUS
  [ "$3" -eq 124 ] && { tail -n 5 "$2"; fail "$1 did not end within $limit s"; }
  [ "$3" -eq "$status_wanted" ] || { tail -n 20 "$2"; fail "$1 ended with status $3, not $status_wanted"; }
  grep -aE '^(FAIL|PANIC)' "$2"
  grep -aqE '^RESULT: PASS' "$2" || { tail -n 20 "$2"; fail "$1: the program does not report RESULT: PASS"; }
}

# The list of QEMU's divergences fails when stale: in `NOTE name: GOT, the architecture says A, QEMU 7.2 Q`, QEMU must
# still give Q, and Trapwalk must give A.
check_notes() {  # NAME FILE FIELD-OF-THE-EXPECTED-VALUE
  tr -d '\r' <"$2" | grep -a '^NOTE ' |
    sed -E 's/^NOTE ([^:]+): ([^,]+), the architecture says ([^,]+), QEMU [0-9.]+ (.+)$/\1 \2 \3 \4/' |
    awk -v who="$1" -v field="$3" '$2 != $field { print who ": " $1 " is " $2 ", not " $field; bad = 1 } END { exit bad }'
}

# Verdicts on what QEMU cannot try, and the counts that contain them.
without_unsupported() {
  [ -n "${GUEST_UNSUPPORTED:-}" ] || { cat; return; }
  awk 'NR == FNR { skip[$1] = 1; next } /^RESULT/ { print $1, $2; next } !($2 in skip)' "$GUEST_UNSUPPORTED" -
}

[ -f "$elf" ] || skip "$elf was not built (aarch64-linux-gnu-gcc is missing?)"
if [ "$mode" = alone ]; then
  trapwalk=$1
  shift
  timeout "$limit" "$trapwalk" run --cpu "$cpu" --memory 256M --gic "$gic" --smp "$cores" --kernel "$elf" --serial stdio "$@" \
    </dev/null >"$work/trapwalk" 2>"$work/trapwalk.errors"
  status=$?
  [ $status -eq "$status_wanted" ] || tail -n 10 "$work/trapwalk.errors"
  check_output Trapwalk "$work/trapwalk" $status
  check_notes Trapwalk "$work/trapwalk" 3 || fail "Trapwalk departs from the architecture"
  echo "$(comparable "$work/trapwalk" | wc -l) lines"
  exit 0
fi
qemu=qemu-system-aarch64
if [ -n "${GUEST_BACKPORTS:-}" ]; then
  qemu=$("$(dirname "$0")/../../scripts/fetch-qemu.sh" --cached) || skip "no oracle"
fi
command -v "$qemu" >/dev/null || skip "$qemu is not installed: no oracle"

icount="-icount ${GUEST_ICOUNT:-shift=0,sleep=off}"
[ "${GUEST_ICOUNT:-}" = none ] && icount=
# shellcheck disable=SC2086  # lists of options
timeout "$limit" "$qemu" -M "virt,${GUEST_MACHINE:-virtualization=on},gic-version=$gic" -smp "$cores" -cpu "$cpu" -m 256M \
  -display none -monitor none -serial stdio -net none $icount ${GUEST_QEMU:-} -kernel "$elf" </dev/null >"$work/qemu" 2>&1
check_output QEMU "$work/qemu" $?
check_notes QEMU "$work/qemu" 4 || fail "a divergence of QEMU is no more: take it out of the program and of guests/README.md"
comparable "$work/qemu" | without_unsupported >"$work/qemu.lines"
if [ -n "${GUEST_UNSUPPORTED:-}" ]; then
  tr -d '\r' <"$work/qemu" | sed -n 's/^UNSUPPORTED //p' | diff -u --label expected --label QEMU "$GUEST_UNSUPPORTED" - ||
    fail "QEMU cannot try other things than $GUEST_UNSUPPORTED says"
fi

if [ "$mode" = trapwalk ]; then
  trapwalk=$1
  shift
  [ -x "$trapwalk" ] || fail "$trapwalk is not there"
  timeout "$limit" "$trapwalk" run --cpu "$cpu" --memory 256M --gic "$gic" --smp "$cores" --kernel "$elf" --serial stdio "$@" \
    </dev/null >"$work/trapwalk" 2>"$work/trapwalk.errors"
  status=$?
  comparable "$work/trapwalk" | without_unsupported >"$work/trapwalk.lines"
  # Differences first: they say more than "it failed".
  diff -u --label QEMU --label Trapwalk "$work/qemu.lines" "$work/trapwalk.lines" >"$work/differences"
  same=$?
  head -n 40 "$work/differences"
  [ $status -eq "$status_wanted" ] || tail -n 10 "$work/trapwalk.errors"
  check_output Trapwalk "$work/trapwalk" $status
  check_notes Trapwalk "$work/trapwalk" 3 || fail "Trapwalk departs from the architecture"
  [ $same -eq 0 ] || fail "Trapwalk and QEMU print different lines"
fi
echo "$(wc -l <"$work/qemu.lines") lines agree"
