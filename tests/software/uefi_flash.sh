#!/bin/sh
# Debian's UEFI for QEMU's virt, unmodified, from two banks of flash of which one keeps what was written: a variable is
# there after a reset; reset and power-off work. (The shell's prompt alone is a row of boots.toml.)
# Usage: uefi_flash.sh TRAPWALK [RUN-OPTION...]
trapwalk=$1
shift
code=${TRAPWALK_UEFI_CODE:-/usr/share/AAVMF/AAVMF_CODE.fd}
variables=${TRAPWALK_UEFI_VARS:-/usr/share/AAVMF/AAVMF_VARS.fd}
for file in "$code" "$variables"; do
  if [ ! -r "$file" ]; then
    echo "SKIPPED: $file is missing; install the package qemu-efi-aarch64" >&2
    exit 77
  fi
done
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
fail() {
  echo "FAILED: $1"
  exit 1
}
shell() {
  "$trapwalk" run --type 'to continue.=>\r' --max-instructions 4000000000 "$@" </dev/null >"$folder/console" 2>"$folder/summary"
  status=$?
  cat "$folder/console" "$folder/summary"
}

# A variable that was set is there after a reset, from the file; the default keeps nothing.
cp "$variables" "$folder/vars.fd"
shell --pflash "$code,readonly" --pflash "$folder/vars.fd,snapshot=off" \
  --type 'Shell> =>setvar Trapwalk -guid 5A7E5C4B-0D7C-4E53-8A3C-1B6E2F9D7A01 -nv -bs =0x2A\r' --type 'Shell> =>reset\r' "$@"
[ $status -eq 4 ] || fail "reset: exit status $status"
cmp -s "$variables" "$folder/vars.fd" && fail "snapshot=off: the file is as it was"
cp "$folder/vars.fd" "$folder/before.fd"
shell --pflash "$code,readonly" --pflash "$folder/vars.fd" \
  --type 'Shell> =>setvar Trapwalk -guid 5A7E5C4B-0D7C-4E53-8A3C-1B6E2F9D7A01\r' --type 'Shell> =>setvar Trapwalk -guid 5A7E5C4B-0D7C-4E53-8A3C-1B6E2F9D7A01 -nv -bs =0x2B\r' --type 'Shell> =>reset -s\r' "$@"
[ $status -eq 0 ] || fail "power off: exit status $status"
grep -q '^2A' "$folder/console" || fail "the variable is gone"
cmp "$folder/before.fd" "$folder/vars.fd" || fail "a snapshot changed its file"
! grep -q 'unimplemented encodings' "$folder/summary" || fail "encodings are missing"
