#!/bin/sh
# What is typed reaches the guest: from a file, a pipe, a keyboard, a socket. A run that waits for it does not spin.
# Usage: console.sh TRAPWALK
trapwalk=$1
. "$(dirname "$0")/bare.sh"
build echo.S
build quiet.S
cd "$folder" || exit 1
failures=0
fail() {
  echo "FAILED: $1"
  cat output summary 2>/dev/null
  failures=$((failures + 1))
}
# run INPUT-COMMAND STATUS OUTPUT [OPTION...]: the guest's output, with what the terminal adds removed.
run() {
  input=$1
  status=$2
  expected=$3
  shift 3
  eval "$input" | timeout 600 "$trapwalk" run --kernel echo.elf "$@" >output 2>summary
  got=$?
  [ $got -eq "$status" ] || fail "$input: status $got, expected $status"
  [ "$(cat output)" = "$expected" ] || fail "$input: printed '$(cat output)', expected '$expected'"
}

# A file: always the same run, byte by byte.
printf 'abcdefghijklmnopqrstuvwxyz' >typed
for n in 1 2; do
  timeout 600 "$trapwalk" run --fidelity timed --kernel echo.elf --report $n.json <typed >output 2>summary || fail "file: status $?"
  [ "$(cat output)" = '>abcdefghijklmnopq' ] || fail "file: printed '$(cat output)'"
done
cmp 1.json 2.json || fail "file: two runs differ"

# A pipe, at once and late; simulated time goes at most at the host's pace while the guest sleeps.
run "printf abcq" 0 '>abcq'
run "(sleep 1; printf xq)" 0 '>xq'
sed -n 's/.* in \([0-9.]*\) s .* \([0-9.]*\) s simulated$/\1 \2/p' summary >paces
awk '$2 > $1 + 1 { exit 1 } END { exit NR != 1 }' paces || fail "seconds of the host and of the guest: $(cat paces): it spins"
# The end of the input: nobody can wake the guest any more.
run "printf ab" 3 '>ab'
grep -q 'every core waits' summary || fail "the end of the input: no reason"

# A keyboard. Nothing is typed before the guest asks: a terminal that is not raw yet would echo it. What comes before
# Ctrl-A x arrives; Ctrl-A c and Ctrl-A a are typed; Ctrl-C ends the run while all sleep.
keyboard() {
  keys=$1
  status=$2
  expected=$3
  timeout 600 python3 "$here/keyboard.py" "$keys" sh -c 'exec "$0" run --kernel echo.elf 2>summary' "$trapwalk" >output
  got=$?
  [ $got -eq "$status" ] || fail "keyboard $keys: status $got, expected $status"
  [ "$(tr -d '\r\n' <output)" = "$(printf "$expected")" ] || fail "keyboard $keys: printed '$(cat -v output)'"
}
keyboard 'hi\001x' 130 '>hi'
keyboard '\001c\001aq' 0 '>\003\001q'
keyboard '\003' 130 '>'
# The progress line never stands in the guest's line: without it, only the guest's output is on the terminal.
timeout 600 python3 "$here/keyboard.py" '' sh -c 'exec "$0" run --kernel quiet.elf' "$trapwalk" >raw || fail "progress: status $?"
sed -n "s/\r\x1B\[K[0-9.]* M instructions[^\r]*//g; s/\r\x1B\[K//g; s/\r//g; /^a whole/p; /^begin/p" raw >output
[ "$(cat output)" = "$(printf 'a whole line\nbegin, end')" ] || { fail "progress line"; cat -v raw; }
grep -q 'stopped: the guest powered off' raw || fail "no reason for the end"

python3 "$here/socket_clients.py" "$trapwalk" echo.elf || fail "socket"
"$trapwalk" run --kernel echo.elf --serial file:no/such/file </dev/null 2>summary
[ $? -eq 2 ] && grep -q 'no/such/file cannot be written: No such file' summary || fail "an unwritable file"
[ $failures -eq 0 ]
