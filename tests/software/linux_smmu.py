#!/usr/bin/env python3
"""Debian's kernel with its arm-smmu-v3 driver: disks on virtio-mmio and on PCIe and a PCIe network device behind the SMMU.

Usage: linux_smmu.py TRAPWALK strict|lazy|passthrough [--cloud|--backports] [RUN-OPTION...]      Exit status 77: skipped.
What Linux says of its domains and what the SMMU counted must agree: translations and invalidations when it translates,
nothing but bypass when it does not. A DMA to where nothing is mapped, of a device without a driver, is the only event.
"""
import hashlib
import http.server
import json
import lzma
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import threading

from initramfs import cpio, find, package, skip

MODULES = ["virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci", "virtio_mmio", "virtio_blk",
           "failover", "net_failover", "virtio_net"]
ARGUMENTS = {"strict": "iommu.strict=1", "lazy": "iommu.strict=0", "passthrough": "iommu.passthrough=1"}
TYPES = {"strict": "DMA", "lazy": "DMA-FQ", "passthrough": "identity"}
KERNELS = {"--cloud": ("linux-image-cloud-arm64", "linux-arm64-cloud"),
           "--backports": ("linux-image-arm64@bookworm-backports", "linux-arm64-backports")}

INIT = r"""#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys
for module in /modules/*; do insmod $module || echo "FAILED insmod $module"; done
dmesg | grep -i -E 'smmu|iommu'
for group in /sys/kernel/iommu_groups/*; do
  for device in $group/devices/*; do echo "group ${device##*/} $(cat $group/type)"; done
done
for disk in /sys/block/vd*; do
  name=${disk##*/}; ln -s /dev/$name /dev/$(cat $disk/serial)
  echo "device $(cat $disk/serial) $(readlink -f $disk | sed 's|/sys/devices/||; s|/virtio.*||')"
done
for disk in 0 1; do
  echo "read $disk $(sha256sum </dev/trapwalk-disk-$disk)"
  dd if=/patch of=/dev/trapwalk-disk-$disk bs=4096 seek=100 2>/dev/null; sync
  echo 3 >/proc/sys/vm/drop_caches
  echo "written $disk $(sha256sum </dev/trapwalk-disk-$disk)"
done
ip link set eth0 up && udhcpc -i eth0 -n -q -s /bin/dhcp >/dev/null && ping -c 2 -q 10.0.2.2 | grep received
wget -q -O - http://10.0.2.2:$tw_port/file | sha256sum | sed 's/^/net /'
grep 'arm-smmu-v3-evtq' /proc/interrupts | sed 's/^ *[0-9]*: */irq /'
# An educational device reads 16 bytes of what nobody has mapped: without a driver it has no stream table entry; pci-stub
# gives it one, and empty tables.
device=/sys/bus/pci/devices/0000:00:03.0
dma() {
  devmem $((bar + 0x80)) 64 0xdead000; devmem $((bar + 0x88)) 64 0x40000; devmem $((bar + 0x90)) 64 16
  devmem $((bar + 0x98)) 64 1; usleep 1000
  echo "dma $1 result $(devmem $((bar + 0x208)) 32) command $(devmem $((bar + 0x98)) 64)"
}
echo 1 >$device/enable; printf '\6' | dd of=$device/config bs=1 seek=4 conv=notrunc 2>/dev/null
bar=$(head -n 1 $device/resource | cut -d ' ' -f 1)
dma without; dmesg | grep -c 'arm-smmu-v3.*event' | sed 's/^/events /'
[ -r /pci-stub ] && insmod /pci-stub ids=1234:11e8; devmem $((bar + 0x210)) 32 8; dma ATS; devmem $((bar + 0x210)) 32 0; dma with; dmesg | grep -c 'arm-smmu-v3.*event' | sed 's/^/events /'
dmesg | grep -A 4 'arm-smmu-v3.*event'
grep 'arm-smmu-v3-evtq' /proc/interrupts | sed 's/^ *[0-9]*: */irq after /'
echo "messages $(grep -E 'MSI.* virtio[0-9]*-' /proc/interrupts | awk '{ n += $2 } END { print n }')"
poweroff -f
"""

DHCP = """#!/bin/busybox sh
[ "$1" = bound ] && ip addr add $ip/24 dev $interface
"""
FILE = random.Random(5).randbytes(300_000)


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(FILE)))
        self.end_headers()
        self.wfile.write(FILE)

    def log_message(self, *_):
        pass


def module_of(folder: pathlib.Path, name: str) -> bytes | None:
    """None: it is built in, or the kernel has no such thing."""
    file = next(folder.glob(f"**/{name}.ko*"), None)
    if file is None:
        return None
    return lzma.decompress(file.read_bytes()) if file.suffix == ".xz" else file.read_bytes()


def check_console(mode: str, lines: list[str], disk: bytes, patch: bytes, fault: bool, ats: bool) -> list[str]:
    digest = lambda data: hashlib.sha256(data).hexdigest() + "  -"
    written = disk[:409600] + patch + disk[409600 + len(patch):]
    expected = [f"read {n} {digest(disk)}" for n in (0, 1)] + [f"written {n} {digest(written)}" for n in (0, 1)]
    expected += [f"net {digest(FILE)}", "2 packets transmitted, 2 packets received, 0% packet loss"]
    expected += ["device trapwalk-disk-0 platform/a003e00.virtio_mmio", f"group a003e00.virtio_mmio {TYPES[mode]}"]
    expected += [f"group 0000:00:0{n}.0 {TYPES[mode]}" for n in (1, 2)]
    failures = [f"'{line}' was not printed" for line in expected if line not in lines]
    if not any(line.startswith("device trapwalk-disk-1 platform/") and "pci0000:00/0000:00:01.0" in line for line in lines):
        failures.append("the second disk is not on PCIe")
    messages = next((int(line.split()[1]) for line in lines if re.match(r"messages \d", line)), 0)
    # By ATS, once Linux switches it on (from 6.11 on): no right to read. Without, the request is impossible.
    if fault and f"dma ATS result 0x0000000{3 if ats else 7} command 0x0000000000000000" not in lines:
        failures.append("the answer to a translation request")
    expected = ["events 0", "events 1"] if fault else ["events 0", "events 0"]
    if [line for line in lines if line.startswith("events")] != expected:
        failures.append(f"events of a DMA without a driver and with one, not {expected}")
    words = [line.split()[-1] for line in lines if re.search(r"arm-smmu-v3.*\t0x[0-9a-f]{16}$", line)]
    # F_TRANSLATION of stream 0x18, a read of the input address.
    if words != (["0x0000001800000010", "0x0000020800000000", "0x000000000dead000", "0x0000000000000000"] if fault else []):
        failures.append(f"the record of the fault is {words}")
    if not any(re.match(rf"irq after {int(fault)} ", line) for line in lines):
        failures.append("interrupts of the event queue")
    if messages < 10:
        failures.append(f"{messages} message-signalled interrupts")
    failures += [line for line in lines if line.startswith("FAILED") or re.search(r"arm-smmu-v3.*(error|GERROR|timeout)", line)]
    return failures


def check_report(mode: str, smmu: dict, fault: bool) -> list[str]:
    """Stream 0x1001F is the first disk, 0x08 the second, 0x10 the network device; 0x18 the device that goes wrong."""
    failures = []
    streams = {stream["stream"]: stream for stream in smmu["streams"] if not stream["owner"]["guest"]}
    commands = {command["name"]: command["count"] for command in smmu["commands"]}
    for number in (0x1001F, 0x08, 0x10):
        counts = streams.get(number, {}).get("translations", {})
        # Before the driver takes it over, the SMMU lets everything pass; no device does anything then.
        translated = sum(counts.get(level, 0) for level in ("tbu", "tlb", "walk"))
        if mode == "passthrough":
            if translated or not counts.get("bypass"):
                failures.append(f"stream {number:#x} does not pass: {counts}")
        elif not translated or counts.get("bypass"):
            failures.append(f"stream {number:#x} is not translated: {counts}")
        elif not streams[number]["fetches_stage1"] or streams[number]["fetches_stage2"]:
            failures.append(f"stream {number:#x}: not stage 1 alone")
        if counts.get("fault"):
            failures.append(f"stream {number:#x} has faults: {counts}")
        elif number in streams:
            cycles = sum(streams[number]["cycles"].values())
            if cycles != streams[number]["latency"]["sum"]:
                failures.append(f"stream {number:#x}: {cycles} cycles have an owner of {streams[number]['latency']['sum']}")
    if smmu["events"] != ({"F_TRANSLATION": 1} if fault else {}) or smmu["events_lost"] or smmu["commands_illegal"]:
        failures.append(f"events {smmu['events']}, {smmu['events_lost']} lost, {smmu['commands_illegal']} commands illegal")
    print("commands", commands)
    invalidations = sum(count for name, count in commands.items() if name.startswith("CMD_TLBI_NH_VA"))
    if not commands.get("CMD_SYNC") or not any(name.startswith("CMD_CFGI_STE") for name in commands):
        failures.append("no streams were configured")
    # Each of some hundred requests has buffers that are unmapped: at once, or a queue of 256 at a time.
    if mode == "strict" and invalidations < 200:
        failures.append(f"{invalidations} invalidations by address, and every buffer is unmapped")
    if mode != "strict" and invalidations > 200:
        failures.append(f"{invalidations} invalidations by address")
    return failures


def main() -> int:
    trapwalk, mode, options = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3:]
    name, software = KERNELS.get(options[0] if options else "", ("linux-image-arm64", "linux-arm64"))
    ats = options[:1] == ["--backports"]
    options = options[1:] if options[:1] and options[0] in KERNELS else options
    linux = package(trapwalk, name, software)
    busybox = package(trapwalk, "busybox-static") / "bin/busybox"
    modules = find(linux, "lib/modules/*/kernel")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        disk, patch = random.Random(6).randbytes(2 << 20), random.Random(7).randbytes(65536)
        (folder / "disk.img").write_bytes(disk)
        entries = [(part, 0o40755, b"", (0, 0)) for part in ("bin", "dev", "modules")]
        entries += [("dev/console", 0o20600, b"", (5, 1)), ("init", 0o100755, INIT.encode(), (0, 0)),
                    ("bin/dhcp", 0o100755, DHCP.encode(), (0, 0)), ("patch", 0o100644, patch, (0, 0)),
                    ("bin/busybox", 0o100755, busybox.read_bytes(), (0, 0))]
        for number, module in enumerate(MODULES):
            contents = module_of(modules, module)
            if contents:
                entries.append((f"modules/{number:02}-{module}", 0o100644, contents, (0, 0)))
        stub = module_of(modules, "pci-stub")  # the cloud kernel has none
        if stub:
            entries.append(("pci-stub", 0o100644, stub, (0, 0)))
        fault = stub is not None and mode != "passthrough"
        (folder / "initrd").write_bytes(cpio(entries))
        command = [trapwalk, "run", *([] if "--smmu" in options else ["--smmu", "v3"]), "--kernel", find(linux, "boot/vmlinuz-*"), "--initrd", folder / "initrd",
                   "--append", f"console=ttyAMA0 quiet {ARGUMENTS[mode]} tw_port={server.server_port}",
                   "--drive", f"{folder}/disk.img", "--drive", f"{folder}/disk.img,bus=pci", "--netdev", "user,bus=pci", "--device", "edu,ats=on",
                   "--report", folder / "report.json", "--max-instructions", "6000000000", *options]
        run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace")
        print(run.stdout)
        lines = [line.strip() for line in run.stdout.splitlines()]
        failures = [f"exit status {run.returncode}"] if run.returncode else []
        failures += check_console(mode, lines, disk, patch, fault, ats)
        if (folder / "report.json").exists():
            failures += check_report(mode, json.loads((folder / "report.json").read_text())["smmu"][0], fault)
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


sys.exit(main())
