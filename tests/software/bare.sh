# Sourced by tests of programs without an operating system. `here`: this folder; `folder`: one that goes at exit.
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v aarch64-linux-gnu-gcc >/dev/null; then
  echo "SKIPPED: aarch64-linux-gnu-gcc is missing; install the package gcc-aarch64-linux-gnu" >&2
  exit 77
fi
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

# build SOURCE [OPTION...]: $folder/NAME.elf
build() {
  source=$1
  shift
  aarch64-linux-gnu-gcc "$@" -nostdlib -static -Wl,-Ttext=0x40100000,--build-id=none "$here/$source" \
    -o "$folder/${source%.*}.elf" || exit 1
}
