#!/usr/bin/env bash
# Builds Trusted Firmware-A for QEMU's virt from Debian's source package (its binary package has no image for it): bl1,
# bl2 and bl31 for both interrupt controllers, with U-Boot as bl33, below FOLDER/gicv2 and FOLDER/gicv3.
# Usage: scripts/build-tf-a.sh [FOLDER]     default: the cache, ~/.cache/trapwalk/tf-a
set -euo pipefail
folder=${1:-${TRAPWALK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trapwalk}/tf-a}
uboot=${TRAPWALK_UBOOT:-/usr/lib/u-boot/qemu_arm64/u-boot.bin}
mkdir -p "$folder/lists/partial" "$folder/sources"
folder=$(cd "$folder" && pwd)

# A private list of source packages: the system's own stays as it is.
cat >"$folder/sources/debian.sources" <<END
Types: deb-src
URIs: ${TRAPWALK_MIRROR:-http://deb.debian.org/debian}
Suites: bookworm
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
apt=(apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$folder/sources" -o Dir::State::Lists="$folder/lists")
cd "$folder"
"${apt[@]}" update
"${apt[@]}" source arm-trusted-firmware
cd arm-trusted-firmware-*/

export TF_LDFLAGS=--no-warn-rwx-segments # as Debian builds its images
build() {
  # The cores here have no AArch32: BL31 refuses to start on them when it was built to save its registers.
  make -j"$(nproc)" CROSS_COMPILE=aarch64-linux-gnu- PLAT=qemu BUILD_BASE="build-$1" LOG_LEVEL=40 \
    CTX_INCLUDE_AARCH32_REGS=0 "${@:2}" bl1 bl2 bl31 \
    >"$folder/$1.log" 2>&1 || { tail -20 "$folder/$1.log"; exit 1; }
  mkdir -p "$folder/$1"
  cp "build-$1"/qemu/release/bl{1,2,31}.bin "$folder/$1"
  cp "$uboot" "$folder/$1/bl33.bin"
}
build gicv2
build gicv3 QEMU_USE_GIC_DRIVER=QEMU_GICV3
echo "tf-a: $folder/gicv2 and $folder/gicv3; in one of them:"
echo "  trapwalk run --secure --semihosting --bios bl1.bin"
