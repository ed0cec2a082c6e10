#!/usr/bin/python3
"""Records the traces of Debian's Linux for arm64 that are in traces/: software by the names of its packages, the same records
every time.

  linux.py TRAPWALK linux FILE [RECORDS]   EL0 and EL1 of a core while a shell forks, execs, sorts and compresses
  linux.py TRAPWALK dma FILE               masters behind an SMMUv3: virtio-blk on PCIe, Linux with iommu.strict=1, all from power-on
  linux.py TRAPWALK dma-lazy FILE          the same with iommu.strict=0: what is unmapped is invalidated together, now and then
  linux.py TRAPWALK vms FILE [RECORDS]     EL0, EL1 and EL2 of a core on which Xen has two guests take turns: one sorts and
                                           compresses, the other one works and sleeps by turns

RECORDS: at most so many, 2,900,000 of linux and vms as in traces/; 0: all that there are.
--smmu-report FILE: what the report of the run says of the SMMU.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/software"))
from initramfs import cpio, find, package  # noqa: E402

MODULES = ["virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci", "virtio_blk"]  # the rest is built in

INIT = r"""#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys
"""
INSERT = """for module in /modules/*; do insmod $module; done
"""
WORK = {"linux": r"""
echo "work begins"
for round in 1 2 3 4; do
  seq 1 40 | /bin/sort -rn | /bin/gzip -c >/tmp/numbers.gz
  /bin/gunzip -c /tmp/numbers.gz | /bin/awk '{ sum += $1 } END { print sum }'
  /bin/ls /proc/self | /bin/wc -l
  /bin/sh -c 'echo $((6 * 7))'
  /bin/sed 's/7/8/' /proc/uptime | /bin/cut -c 1-2 >/dev/null
done
echo "work ends"
poweroff -f
""", "dma": r"""
echo "work begins"
dd if=/dev/vda of=/dev/null bs=4k count=512 iflag=direct 2>/dev/null
dd if=/dev/zero of=/dev/vda bs=16k count=128 oflag=direct 2>/dev/null
for stride in 3 5 7; do
  block=0
  while [ $block -lt 1000 ]; do
    dd if=/dev/vda of=/dev/null bs=4k count=1 skip=$block iflag=direct 2>/dev/null
    block=$((block + 11 * stride))
  done
done
cat /dev/vda >/dev/null
echo "work ends"
poweroff -f
"""}
# DOM1, without an end, is at it when DOM2 begins.
GUESTS = (r"""
while true; do
  seq 1 40 | /bin/sort -rn | /bin/gzip -c >/tmp/numbers.gz
  /bin/gunzip -c /tmp/numbers.gz | /bin/awk '{ sum += $1 } END { print sum }' >/tmp/sum
done
""", r"""
sleep 1
echo "work begins"
for round in 1 2; do
  usleep 100
  /bin/grep -c busybox /proc/self/maps >/tmp/lines
  usleep 100
  /bin/sed 's/7/8/' /proc/meminfo >/tmp/memory
done
echo "work ends"
""")
RECORDS = {"linux": 2_900_000, "dma": 0, "dma-lazy": 0, "vms": 2_900_000}
# Turns that fit into a small trace: of 1 ms, Xen's least (30 ms otherwise), on a core of 300 MHz.
XEN = ["console=dtuart", "sched=credit", "sched_credit_tslice_ms=1", "sched_ratelimit_us=0"]


def initrd(busybox: pathlib.Path, commands: str, modules: list[pathlib.Path] = []) -> bytes:
    entries = [("bin", 0o040755, b"", (0, 0)), ("dev", 0o040755, b"", (0, 0)), ("modules", 0o040755, b"", (0, 0)),
               ("dev/console", 0o020600, b"", (5, 1)), ("bin/busybox", 0o100755, busybox.read_bytes(), (0, 0)),
               ("init", 0o100755, commands.encode(), (0, 0))]
    for number, module in enumerate(modules):
        entries.append((f"modules/{number}-{module.name}", 0o100644, module.read_bytes(), (0, 0)))
    return cpio(entries)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trapwalk", metavar="TRAPWALK")
    parser.add_argument("what", choices=RECORDS)
    parser.add_argument("file", type=pathlib.Path, metavar="FILE")
    parser.add_argument("records", type=int, nargs="?", metavar="RECORDS")
    parser.add_argument("--smmu-report", type=pathlib.Path)
    arguments = parser.parse_args()
    trapwalk, what, file = arguments.trapwalk, arguments.what, arguments.file
    dma = what.startswith("dma")
    records = RECORDS[what] if arguments.records is None else arguments.records
    linux = package(trapwalk, "linux-image-arm64")
    busybox = find(package(trapwalk, "busybox-static"), "bin/busybox")
    kernel = find(linux, "boot/vmlinuz-*")
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        (work / kernel.name).symlink_to(kernel)
        trace = f"work.trace{f',records={records}' if records else ''}"
        command = [pathlib.Path(trapwalk).resolve(), "record", "work.trace,el=3" if dma else trace]
        if not dma:
            command += ["--cpu", "cortex-a72", "--timed-from", "work begins", "--timed-until", "work ends", "--until", "work ends"]
        if what == "vms":
            (work / "xen").symlink_to(find(package(trapwalk, "xen-hypervisor-4.17-arm64", "xen-dom0less-arm64"), "boot/xen-4.17-arm64"))
            command += ["--hypervisor", "xen", "--hypervisor-args", " ".join(XEN), "--memory", "2G", "--set", "core.frequency=300"]
            for number, guest in enumerate(GUESTS, 1):
                (work / f"initrd{number}").write_bytes(initrd(busybox, INIT + guest))
                command += ["--domain", f"kernel={kernel.name},initrd=initrd{number},append=console=ttyAMA0,memory=256M,vpl011"]
        else:
            command += ["--kernel", kernel.name, "--initrd", "initrd", "--append", f"console=ttyAMA0 iommu.strict={int(what != 'dma-lazy')}"]
            modules = [find(linux, f"lib/modules/*/kernel/drivers/**/{name}.ko") for name in MODULES] if dma else []
            (work / "initrd").write_bytes(initrd(busybox, INIT + INSERT + WORK["dma" if dma else what], modules))
        if dma:  # from power-on, when the SMMU knows nothing yet; of the core nothing, as it is never at EL3
            (work / "disk.img").write_bytes(bytes(n % 251 for n in range(4 << 20)))
            command += ["--until", "work ends", "--gic", "3", "--smmu", "v3", "--set", "smmu.tbus=1", "--drive", "disk.img,bus=pci",
                        "--report", "work.json"]
        status = subprocess.run(command, cwd=work, stdin=subprocess.DEVNULL).returncode
        if status == 0:
            file.write_bytes((work / ("work.dma.trace" if dma else "work.trace")).read_bytes())
        if status == 0 and arguments.smmu_report:
            smmu = json.loads((work / "work.json").read_text())["smmu"]
            arguments.smmu_report.write_text(json.dumps({"smmu": smmu}, indent=1) + "\n")
    return status


sys.exit(main())
