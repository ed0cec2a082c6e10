#!/bin/sh
# `trapwalk software`: what cannot be had is said and leaves nothing behind; an archive without a good signature is
# refused; a killed fetch is as if it had not been; what is here needs neither network nor apt.
# Usage: fetch.sh TRAPWALK
trapwalk=$1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
export TRAPWALK_CACHE="$folder/cache"
failures=0
# expect STATUS PATTERN ARGUMENTS... with the variables of $setting
setting=
expect() {
  status=$1
  pattern=$2
  shift 2
  timeout 900 env $setting "$trapwalk" "$@" </dev/null >output 2>&1
  got=$?
  [ $got -eq "$status" ] && grep -q -- "$pattern" output && return
  echo "FAILED: trapwalk $*: status $got, expected $status and '$pattern'; it said:"
  cat output
  failures=$((failures + 1))
}
nothing_left() {
  left=$(find cache -name '*.part' -o -path 'cache/packages/*' -o -path 'cache/chosen/*' 2>/dev/null)
  [ -z "$left" ] && return
  echo "FAILED: $1 left $left"
  failures=$((failures + 1))
}

expect 0 'linux-arm64' software list
expect 0 'linux-image-arm64' software show linux-arm64
expect 2 'did you mean "linux-arm64"' software get linx-arm64
expect 2 'did you mean "linux-arm64"' run --software linx-arm64
expect 2 'did you mean "get"' software gte
expect 2 'usage' software show
[ ! -e cache ] || { echo "FAILED: a cache folder for nothing"; failures=$((failures + 1)); }
if ! command -v apt-get >/dev/null; then
  echo "SKIPPED: apt-get is missing; only the error messages were tested" >&2
  [ $failures -eq 0 ] && exit 77
  exit 1
fi

# No network, and no apt. Nothing listens at the discard port; a proxy would answer in its place.
no_proxy=127.0.0.1
export no_proxy
setting=TRAPWALK_DEBIAN_MIRROR=http://127.0.0.1:9/debian
expect 5 'onnect' software get uboot-arm64
setting=
nothing_left "no network"
setting=TRAPWALK_DEBIAN_MIRROR=http://127.0.0.1:9/debian
expect 5 'u-boot-qemu' run --software uboot-arm64
setting=PATH=/nonexistent
expect 5 'apt-get cannot be started' software get uboot-arm64
setting=
nothing_left "no apt"

# An archive that nobody signed.
for suite in bookworm bookworm-updates bookworm-security bookworm-backports; do
  root=mirror/debian
  [ $suite = bookworm-security ] && root=mirror/debian-security
  mkdir -p $root/dists/$suite/main/binary-arm64
  printf 'Package: u-boot-qemu\nVersion: 9\nArchitecture: all\nFilename: pool/u.deb\nSize: 1\n\n' >$root/dists/$suite/main/binary-arm64/Packages
  printf 'Suite: %s\nCodename: %s\nArchitectures: arm64\nComponents: main\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n %s %s main/binary-arm64/Packages\n' $suite $suite \
    "$(sha256sum <$root/dists/$suite/main/binary-arm64/Packages | cut -d' ' -f1)" "$(wc -c <$root/dists/$suite/main/binary-arm64/Packages)" >$root/dists/$suite/Release
done
setting=TRAPWALK_DEBIAN_MIRROR=file:$(printf %s "$folder" | sed "s/ /%20/g")/mirror/debian
expect 5 'not signed' software get uboot-arm64
setting=
nothing_left "an unsigned archive"
[ $failures -eq 0 ] || exit 1

# The real archive: killed at several moments, then whole; then without network or apt.
rm -rf cache
timeout 900 "$trapwalk" software get uboot-arm64 >output 2>&1 || {
  cat output
  echo "SKIPPED: Debian's archive cannot be reached; only the errors were tested" >&2
  exit 77
}
for pause in 0.05 0.2 0.4 0.8; do
  rm -rf cache/packages cache/chosen
  timeout -s KILL $pause "$trapwalk" software get uboot-arm64 >/dev/null 2>&1
  for record in cache/chosen/*.json; do
    [ ! -e "$record" ] || [ -s "cache/packages/$(sed -n 's/.*"folder": "\(.*\)"/\1/p' "$record")/usr/lib/u-boot/qemu_arm64/u-boot.bin" ] ||
      { echo "FAILED: killed after $pause s: a record without its package"; failures=$((failures + 1)); }
  done
done
timeout 900 "$trapwalk" software get uboot-arm64 >output 2>&1
if [ $? -eq 5 ]; then
  cat output
  echo "SKIPPED: Debian's archive cannot be reached any more; only the errors were tested" >&2
  [ $failures -eq 0 ] && exit 77
  exit 1
fi
expect 0 'run it with' software get uboot-arm64
[ -z "$(find cache -name '*.part')" ] || { echo "FAILED: parts are left"; failures=$((failures + 1)); }
setting=PATH=/nonexistent
expect 0 'run it with' software get uboot-arm64
setting=PATH=/nonexistent
expect 0 'uboot-arm64 .*here' software list
setting=PATH=/nonexistent
expect 0 'U-Boot 20' run --software uboot-arm64 --until 'U-Boot 20' --max-instructions 100000000
setting=
[ $failures -eq 0 ]
