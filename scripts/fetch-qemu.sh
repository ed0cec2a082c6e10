#!/usr/bin/env bash
# Brings QEMU 10.0 of bookworm-backports into the cache: the oracle for SMMUv3 with stage 2 and nesting, which 7.2 does not
# have. Nothing is installed; apt keeps a state of its own, and the QEMU of the system stays as it is. Prints the
# program's path. What is there already is not fetched again.
# Usage: scripts/fetch-qemu.sh [--cached] [FOLDER]   default: the cache, ~/.cache/trapwalk/qemu-backports
#   --cached: fetches nothing; exit 1 when it is not here
set -euo pipefail
cached=no
[ "${1:-}" = --cached ] && { cached=yes; shift; }
folder=${1:-${TRAPWALK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trapwalk}/qemu-backports}
program=$folder/qemu-system-aarch64
# A library of the host may have gone since: only a program that starts counts.
works() { [ -x "$program" ] && "$program" --version >/dev/null 2>&1; }

works && { echo "$program"; exit 0; }
[ $cached = no ] || { echo "QEMU 10 is not here: scripts/fetch-qemu.sh brings it" >&2; exit 1; }

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
mirror=${TRAPWALK_DEBIAN_MIRROR:-http://deb.debian.org/debian}
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial" "$folder/apt/none"
folder=$(cd "$folder" && pwd)
program=$folder/qemu-system-aarch64
for suite in bookworm bookworm-updates bookworm-backports; do
  echo "deb [signed-by=$keyring] $mirror $suite main"
done >"$folder/apt/sources.list"
options=(-q -o Dir::State="$folder/apt" -o Dir::State::status=/var/lib/dpkg/status -o Dir::Cache="$folder/apt/cache"
         -o Dir::Etc::sourcelist="$folder/apt/sources.list" -o Dir::Etc::sourceparts="$folder/apt/none"
         -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts="$folder/apt/none"
         -o Acquire::Languages=none -o Acquire::Retries=2 -o Acquire::http::Timeout=30)
[ "$(id -u)" -ne 0 ] || options+=(-o APT::Sandbox::User=root)

apt-get "${options[@]}" update >"$folder/apt/log" 2>&1 || { tail -n 5 "$folder/apt/log" >&2; exit 1; }
# What an installation would add to this host; other emulators of the same source package are not wanted.
apt-get "${options[@]}" -s install --no-install-recommends -t bookworm-backports qemu-system-arm >"$folder/apt/plan"
mapfile -t packages < <(sed -nE 's/^Inst ([^ ]+) (\[[^]]*\] )?\(([^ ]+) .*/\1=\3/p' "$folder/apt/plan" | grep -v '^qemu-user')
part=$folder/.part
rm -rf "$part"
mkdir -p "$part/root"
(cd "$part" && apt-get "${options[@]}" download "${packages[@]}" >"$folder/apt/log" 2>&1) ||
  { tail -n 5 "$folder/apt/log" >&2; exit 1; }
for archive in "$part"/*.deb; do dpkg-deb -x "$archive" "$part/root"; done
rm -rf "$folder/root"
mv "$part/root" "$folder/root"
rm -rf "$part"
{
  echo '#!/bin/sh'
  echo 'root=$(dirname "$(readlink -f "$0")")/root'
  echo 'for libraries in "$root"/usr/lib/*-linux-gnu "$root"/lib/*-linux-gnu; do'
  echo '  [ -d "$libraries" ] && LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}'
  echo '  [ -d "$libraries/qemu" ] && export QEMU_MODULE_DIR="$libraries/qemu"  # not the modules of the system'
  echo 'done'
  echo 'export LD_LIBRARY_PATH'
  echo 'exec "$root/usr/bin/qemu-system-aarch64" -L "$root/usr/share/qemu" "$@"'
} >"$program.part"
chmod +x "$program.part"
mv "$program.part" "$program"
works || { "$program" --version >&2 || true; echo "$program does not start" >&2; exit 1; }
echo "$program"
