#!/usr/bin/env bash
# Speed benchmarks: whole programs, as ratios to the named peer in the same run. Never a test.
# Usage: bench/run.sh BUILD_FOLDER [RUNS]
set -euo pipefail
python3 "$(dirname "$0")/speed.py" "$@"
/usr/bin/python3 "$(dirname "$0")/sweep_speed.py" "${1:-build/release}"
/usr/bin/python3 "$(dirname "$0")/python_speed.py" "$@"
