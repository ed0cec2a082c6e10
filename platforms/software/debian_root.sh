#!/bin/sh
# An ext4 image of Debian 12 for arm64 whose packages are unpacked and not yet configured. Needs no root: fakeroot
# remembers owners and device nodes between debootstrap and mke2fs.
# Usage: debian_root.sh FOLDER MIRROR IMAGE SIZE PACKAGES
set -eu
folder=$1 mirror=$2 image=$3 size=$4 packages=$5
for program in debootstrap fakeroot mke2fs; do
  PATH=$PATH:/usr/sbin:/sbin command -v $program >/dev/null || { echo "$program is not installed" >&2; exit 1; }
done
export PATH="$PATH:/usr/sbin:/sbin"
fakeroot -s "$folder/owners" -- debootstrap --arch=arm64 --foreign --variant=minbase --include="$packages" bookworm \
  "$folder/root" "$mirror" >"$folder/log" 2>&1 || { tail -n 5 "$folder/log" >&2; exit 1; }
# The second stage reads the archive's list of packages again and again; it needs no more of it than these. The file stays
# the same one, since fakeroot knows files by inode.
names=$(cat "$folder/root/debootstrap/required" "$folder/root/debootstrap/base")
for list in "$folder"/root/var/lib/apt/lists/*_Packages; do
  awk -v names="$names" 'BEGIN { RS = ""; ORS = "\n\n"; split(names, list, " "); for (i in list) wanted[list[i]] }
                         $1 == "Package:" && $2 in wanted' "$list" >"$folder/short"
  cat "$folder/short" >"$list"
done
fakeroot -i "$folder/owners" -- mke2fs -q -t ext4 -L root -d "$folder/root" "$image" "$size"
