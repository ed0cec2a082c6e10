#!/bin/sh
# The secure machine: what is reached from which security state. Usage: secure.sh TRAPWALK [RUN-OPTION...]
trapwalk=$1
shift
. "$(dirname "$0")/bare.sh"
build secure.S
failures=0
# expect PRINTED SECURE-UART [OPTION...]
expect() {
  printed=$1
  secure=$2
  shift 2
  "$trapwalk" run --secure --kernel "$folder/secure.elf" --secure-serial "file:$folder/uart1" \
    --max-instructions 100000 "$@" </dev/null >"$folder/console" 2>"$folder/summary"
  status=$?
  if [ $status -ne 0 ] || [ "$(cat "$folder/console")" != "$printed" ] || [ "$(cat "$folder/uart1")" != "$secure" ]; then
    echo "FAILED: $*: status $status, printed '$(cat "$folder/console")' and '$(cat "$folder/uart1")', expected '$printed' and '$secure'"
    cat "$folder/summary"
    failures=$((failures + 1))
  fi
}
expect RUFXrufg+ s "$@"
expect RUFXrufg+ s --fidelity timed "$@"
expect RUFXrufg+ s --set host.shortcuts=false "$@"
[ $failures -eq 0 ]
