#!/usr/bin/env bash
# Records the traces of traces/ anew, but for true.lackey.zst: real programs under valgrind's lackey, and under QEMU with
# recorder.c. A minute or two. Addresses of a host's programs, and so the files' hashes, are those of one machine.
# Usage: scripts/record/record.sh FOLDER [TRACE…]      TRAPWALK: the command, by default build/release/bin/trapwalk
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
trapwalk=${TRAPWALK:-$here/../../build/release/bin/trapwalk}
[ $# -ge 1 ] || { echo "usage: record.sh FOLDER [TRACE…]" >&2; exit 2; }
for tool in valgrind qemu-aarch64 qemu-system-aarch64 gcc cpio xz zstd; do
  command -v $tool >/dev/null || { echo "record.sh: $tool is not installed (apt install valgrind qemu-user qemu-system-arm …)" >&2; exit 1; }
done
folder=$1
shift
wanted=("$@")
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the programs work on: the same on every Debian 12.
input=$work/licenses
(cd /usr/share/common-licenses && cat Artistic Apache-2.0 CC0-1.0 GFDL-1.2 GFDL-1.3 GPL-1 GPL-2 GPL-3 LGPL-2 LGPL-2.1 LGPL-3 \
  MPL-1.1 MPL-2.0) >"$input"
echo "face3d0c7698d08dbddc05eb151515ec6ce51e13222706a622ea0fd2c922f839  $input" | sha256sum --check --quiet ||
  echo "record.sh: other licenses than those of the traces in traces/" >&2

wants() { [ ${#wanted[@]} -eq 0 ] || [[ " ${wanted[*]} " == *" $1 "* ]]; }

# lackey NAME FIRST LAST COMMAND…: lines FIRST to LAST of lackey's text.
lackey() {
  local name=$1.lackey.zst first=$2 last=$3
  shift 3
  wants "$name" || return 0
  mkfifo "$work/text"
  { sed -n "$first,${last}p;${last}q" | grep -v '^==' | zstd -19 -q -f -o "$folder/$name"; } <"$work/text" &
  valgrind --tool=lackey --trace-mem=yes --log-file="$work/text" "$@" </dev/null >/dev/null 2>&1 || true  # sed has enough
  wait
  rm "$work/text"
}

# champsim NAME SKIP LIMIT APPLET…: instructions of Debian's busybox for arm64.
champsim() {
  local name=$1.champsim skip=$2 limit=$3
  shift 3
  wants "$name.xz" || return 0
  qemu-aarch64 -plugin "$work/recorder.so,format=champsim,out=$work/$name,skip=$skip,limit=$limit" "$busybox" "$@" >/dev/null
  xz -9e -c "$work/$name" >"$folder/$name.xz"
}

# Data accesses of Debian's Linux while it boots, as gem5's packets.
linux() {
  local name=linux-boot.gem5.gz
  wants "$name" || return 0
  local kernel initramfs
  kernel=$(ls "$packages"/linux-image-6.1.*-arm64_*/boot/vmlinuz-6.1.*-arm64 | grep -v cloud | tail -1)
  (mkdir -p "$work/root/bin" && cd "$work/root" && cp "$busybox" bin/busybox && echo bin/busybox | cpio -o -H newc --quiet | gzip -n) \
    >"$work/initramfs.gz"
  qemu-system-aarch64 -M virt -cpu cortex-a57 -m 256 -nographic -no-reboot -accel tcg,thread=single -icount 0 \
    -plugin "$work/recorder.so,format=physical,out=$work/accesses,skip=111000000,limit=220000" -kernel "$kernel" \
    -initrd "$work/initramfs.gz" -append "console=ttyAMA0 panic=-1 quiet rdinit=/bin/busybox -- ls -lR /" </dev/null >/dev/null
  /usr/bin/python3 "$here/gem5_packets.py" "$work/accesses" "$folder/$name"
}

packages=${TRAPWALK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trapwalk}/packages
"$trapwalk" software get linux-arm64 >/dev/null
busybox=$(ls "$packages"/busybox-static_*_arm64/bin/busybox | tail -1)
gcc -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -o "$work/recorder.so" "$here/recorder.c"

lackey sort 3000001 3600000 sort "$input"
lackey gzip 2000001 2600000 gzip -9 -c "$input"
lackey python3 6000001 6600000 /usr/bin/python3 -S -E -c 'import json; print(len(json.dumps(list(range(20000)))))'
lackey cc1 30000001 30600000 "$(gcc -print-prog-name=cc1)" -quiet -imultiarch x86_64-linux-gnu -O2 "$here/recorder.c" -o /dev/null
champsim busybox-sort 0 600000 sort "$input"
champsim busybox-awk 20000 400000 awk '{ for (i = 1; i <= NF; i++) c[$i]++ } END { for (w in c) print c[w], w }' "$input"
linux
sha256sum "$folder"/*
