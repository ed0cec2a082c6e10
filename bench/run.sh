#!/usr/bin/env bash
# Speed benchmarks: whole programs, as ratios to the named peer in the same run. Never a test.
# Usage: bench/run.sh BUILD_FOLDER [RUNS]
set -euo pipefail
exec python3 "$(dirname "$0")/speed.py" "$@"
