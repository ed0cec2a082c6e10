#!/bin/sh
# --timed-from: the report covers the region of interest only, on every core, and is conserved.
# Usage: region.sh TRAPWALK HYPERVISOR.elf
trapwalk=$1
hypervisor=$2
. "$(dirname "$0")/bare.sh"
build smp.S
"$trapwalk" run --fidelity timed --kernel "$hypervisor" --report "$folder/whole.json" </dev/null >/dev/null 2>&1 || exit 1
# Nothing that the guest measures comes after its own digest.
"$trapwalk" run --timed-from 'digest: hypervisor' --kernel "$hypervisor" --report "$folder/end.json" </dev/null >/dev/null 2>&1 || exit 1
"$trapwalk" run --timed-from C --smp 4 --kernel "$folder/smp.elf" --report "$folder/smp.json" </dev/null >/dev/null 2>&1 || exit 1
python3 - "$folder" <<'PYTHON'
import json, sys
folder = sys.argv[1]
whole, end, smp = (json.load(open(f"{folder}/{name}.json")) for name in ("whole", "end", "smp"))
assert sum(i["count"] for i in whole["interrupts"]) > 50, "the whole run has interrupts"
assert sum(i["count"] for i in end["interrupts"]) == 0, f"interrupts before the region: {end['interrupts']}"
lookups = {t["name"]: (t["lookups"], t["invalidations"]) for t in end["cores"][0]["tlbs"]}
of_whole = {t["name"]: (t["lookups"], t["invalidations"]) for t in whole["cores"][0]["tlbs"]}
assert lookups["L1 data"][0] < of_whole["L1 data"][0] / 10, lookups
assert all(i <= 4 for _, i in lookups.values()), f"TLBIs before the region: {lookups}"
assert len(smp["cores"]) == 4
for core in end["cores"] + smp["cores"]:
    assert core["origin"] > 0, f"cpu {core['cpu']} did not begin again"
    assert core["accounted"] == core["elapsed"] - core["origin"], core["cpu"]
PYTHON
