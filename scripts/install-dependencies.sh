#!/usr/bin/env bash
# Installs every Debian 12 package that building, running and testing Trapwalk needs.
# Idempotent: asks dpkg first and does nothing when all is there. Works as root or through sudo.
# Usage: scripts/install-dependencies.sh [--check]   (--check only says what is missing; exit 1 if anything is)
set -euo pipefail

build=(g++ cmake make ninja-build pkg-config ccache mold
       libsystemc-dev libboost-dev libboost-program-options-dev libboost-iostreams-dev
       libfmt-dev libtomlplusplus-dev nlohmann-json3-dev libfdt-dev libelf-dev libcapstone-dev libslirp-dev libssl-dev libzstd-dev zlib1g-dev liblzma-dev)
python=(python3 python3-dev pybind11-dev python3-numpy python3-pandas python3-matplotlib python3-scipy python3-tqdm python3-distributed
        python3-pip python3-setuptools python3-wheel)
guests=(gcc-aarch64-linux-gnu binutils-aarch64-linux-gnu libc6-dev-arm64-cross device-tree-compiler)
software=(u-boot-qemu qemu-efi-aarch64 debian-archive-keyring debootstrap fakeroot e2fsprogs dpkg-dev)
tests=(python3-pytest python3-protobuf python3-hypothesis mypy libgtest-dev libgmock-dev libbenchmark-dev libunicorn-dev qemu-system-arm gdb-multiarch xz-utils zstd cpio chromium)
habits=(git ca-certificates clang-format clang-tidy)
fuzzing=(clang libclang-rt-14-dev)

missing=()
for package in "${build[@]}" "${python[@]}" "${guests[@]}" "${software[@]}" "${tests[@]}" "${habits[@]}" "${fuzzing[@]}"; do
  if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
    missing+=("$package")
  fi
done

if [ ${#missing[@]} -eq 0 ]; then
  echo "dependencies: all packages are installed"
  exit 0
fi
echo "dependencies: missing: ${missing[*]}"
[ "${1:-}" = --check ] && exit 1

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "dependencies: neither root nor sudo. As root, once (then this user needs neither):" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "dependencies: installing with apt-get"
"${as_root[@]}" apt-get update -qq
# How much there is to wait for; --print-uris installs nothing.
apt-get install --print-uris -y -qq --no-install-recommends "${missing[@]}" |
  awk '{ bytes += $3 } END { printf "dependencies: %d packages with what they need, %.0f MB to fetch\n", NR, bytes / 1e6 }'
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "dependencies: done"
