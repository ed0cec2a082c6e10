#!/usr/bin/env bash
# Builds Linux's dmatest module, which Debian's kernels leave out (CONFIG_DMATEST is not set), for the kernel of
# `trapwalk software`: its source of the same version, against that kernel's headers. The kernel and its drivers stay
# Debian's own. The module is FOLDER/VERSION/dmatest.ko; its path is printed.
# Usage: scripts/build-dmatest.sh KERNEL-PACKAGE-FOLDER [FOLDER]     default: the cache, ~/.cache/trapwalk/dmatest
# KERNEL-PACKAGE-FOLDER is linux-image-ABI_VERSION_arm64, as the cache has it.
set -euo pipefail
name=$(basename "$1")
abi=${name#linux-image-} abi=${abi%%_*}
version=${name#*_} version=${version%_*}
folder=${2:-${TRAPWALK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trapwalk}/dmatest}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
module=$folder/$version/dmatest.ko
[ -s "$module" ] && { echo "$module"; exit 0; }
exec 9>"$folder/lock"
flock 9
[ -s "$module" ] && { echo "$module"; exit 0; }

# A private list of packages, of both architectures: the system's own stays as it is.
mkdir -p "$folder/lists/partial" "$folder/sources" "$folder/archives"
touch "$folder/status"
for suite in bookworm bookworm-updates; do
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n' \
    "${TRAPWALK_MIRROR:-http://deb.debian.org/debian}" "$suite"
done >"$folder/sources/debian.sources"
printf 'Types: deb\nURIs: %s\nSuites: bookworm-security\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
  "${TRAPWALK_SECURITY_MIRROR:-http://deb.debian.org/debian-security}" >>"$folder/sources/debian.sources"
host=$(dpkg --print-architecture)
apt=(apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$folder/sources" -o Dir::State::Lists="$folder/lists"
  -o Dir::State::status="$folder/status" -o APT::Architecture="$host" -o APT::Architectures::="$host" -o APT::Architectures::=arm64)
cd "$folder/archives"
"${apt[@]}" update
series=${abi%%-*} series=${series%.*} # 6.1
common=${abi%-arm64}-common
"${apt[@]}" download "linux-headers-$abi:arm64=$version" "linux-headers-$common=$version" "linux-kbuild-$series=$version" \
  "linux-source-$series=$version"

tree=$folder/$version/root
rm -rf "$folder/$version"
mkdir -p "$tree" "$folder/$version/module"
for package in *.deb; do dpkg -x "$package" "$tree"; done
# The headers name one another by their installed places.
grep -rlI -e /usr/src/ -e /usr/lib/ "$tree/usr/src/linux-headers-$abi" --include=Makefile --include=.kernelvariables |
  xargs -r sed -i "s|/usr/src/|$tree/usr/src/|g; s|/usr/lib/|$tree/usr/lib/|g"
tar -xJf "$tree/usr/src/linux-source-$series.tar.xz" -C "$folder/$version/module" --strip-components=3 \
  "linux-source-$series/drivers/dma/dmatest.c" --wildcards
echo 'obj-m := dmatest.o' >"$folder/$version/module/Makefile"
make -C "$tree/usr/src/linux-headers-$abi" M="$folder/$version/module" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- modules \
  >"$folder/$version/log" 2>&1 || { tail -20 "$folder/$version/log" >&2; exit 1; }
cp "$folder/$version/module/dmatest.ko" "$module.part"
rm -rf "$tree" "$folder/archives" "$folder/$version/module"
mv "$module.part" "$module"
echo "$module"
