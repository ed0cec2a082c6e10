#!/usr/bin/env bash
# Builds the libFuzzer programs with clang and runs each for some thousand inputs of a fixed seed.
# Usage: smoke.sh SOURCE-DIRECTORY BUILD-DIRECTORY      Exit status 77: skipped.
set -euo pipefail

source=$1
build=$2

skip() {
  echo "SKIPPED: $1 (scripts/install-dependencies.sh)"
  exit 77
}
command -v clang++ >/dev/null || skip "clang++ is not installed"
probe=$(mktemp)
trap 'rm -f "$probe"' EXIT
echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' |
  clang++ -fsanitize=fuzzer,address,undefined -x c++ - -o "$probe" 2>/dev/null ||
  skip "clang has no libFuzzer runtime"

cmake --preset fuzz -S "$source" -B "$build" >/dev/null
cmake --build "$build" --target fuzzers
ctest --test-dir "$build" -R '^fuzz_' --output-on-failure
