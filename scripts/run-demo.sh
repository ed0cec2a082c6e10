#!/usr/bin/env bash
# The main job of `make run`: real firmware to its prompt, then what two VMs cost with and without VMID tags; at the end
# as a page.
# Usage: scripts/run-demo.sh BUILD_FOLDER
set -euo pipefail
build=${1:-build/release}
trapwalk=$build/bin/trapwalk
out=$build/demo
uboot=/usr/lib/u-boot/qemu_arm64/u-boot.bin
mkdir -p "$out"

title() { printf '\n== %s\n\n' "$*"; }

title "Debian's U-Boot, unmodified, to its prompt"
"$trapwalk" run --cpu cortex-a57 --bios "$uboot" --type 'Hit any key=>\n' --until '=> ' </dev/null

for setting in tagged flush; do
  title "A bare-metal hypervisor with two guests, TLB: $setting"
  console=$out/$setting.console
  "$trapwalk" run --cpu cortex-a57 --fidelity timed --kernel "$build/guests/hypervisor_$setting.elf" \
    --serial "file:$console" --events limit=5000 --report "$out/$setting.json" </dev/null
  grep -a FAIL "$console" && exit 1
  echo "$(grep -ac ^PASS "$console") of its own checks passed, none failed: $console"
done

title "What it cost (VMID-tagged TLB)"
"$trapwalk" report "$out/tagged.json"

title "Side by side: tagged TLB, and a flush at every VM switch"
"$trapwalk" compare "$out/tagged.json" "$out/flush.json"

title "The same as pages for a browser"
"$trapwalk" report --html "$out/hypervisor.html" "$out/tagged.json"
"$trapwalk" report --perfetto "$out/trace.json" "$out/tagged.json"
"$trapwalk" compare --html "$out/compare.html" "$out/tagged.json" "$out/flush.json"
printf 'what two VMs cost:       %s\ntagged TLB and flushes:  %s\nfor ui.perfetto.dev:      %s\n' "$(realpath "$out/hypervisor.html")" "$(realpath "$out/compare.html")" "$(realpath "$out/trace.json")"
