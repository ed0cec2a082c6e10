#!/usr/bin/python3
"""Records the traces of Debian's Linux for arm64 that are in traces/: software by the names of its packages, the same records
every time.

  linux.py TRAPWALK linux FILE [RECORDS]   EL0 and EL1 of a core while a shell forks, execs, sorts and compresses
  linux.py TRAPWALK dma FILE [RECORDS]     masters behind an SMMUv3: virtio-blk on PCIe, Linux with iommu.strict=1

RECORDS: at most so many, 2,900,000 of linux as in traces/; 0: all that there are. Of dma, what the core did
meanwhile is thrown away.
"""
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
for module in /modules/*; do insmod $module; done
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
RECORDS = {"linux": 2_900_000, "dma": 0}


def main() -> int:
    if len(sys.argv) not in (4, 5) or sys.argv[2] not in WORK:
        print(__doc__, file=sys.stderr)
        return 2
    trapwalk, what, file = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    records = int(sys.argv[4]) if len(sys.argv) == 5 else RECORDS[what]
    linux = package(trapwalk, "linux-image-arm64")
    busybox = find(package(trapwalk, "busybox-static"), "bin/busybox")
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        entries = [("bin", 0o040755, b"", (0, 0)), ("dev", 0o040755, b"", (0, 0)), ("modules", 0o040755, b"", (0, 0)),
                   ("dev/console", 0o020600, b"", (5, 1)), ("bin/busybox", 0o100755, busybox.read_bytes(), (0, 0)),
                   ("init", 0o100755, (INIT + WORK[what]).encode(), (0, 0))]
        if what == "dma":
            for number, name in enumerate(MODULES):
                code = find(linux, f"lib/modules/*/kernel/drivers/**/{name}.ko")
                entries.append((f"modules/{number}-{name}.ko", 0o100644, code.read_bytes(), (0, 0)))
            (work / "disk.img").write_bytes(bytes(n % 251 for n in range(4 << 20)))
        (work / "initrd").write_bytes(cpio(entries))
        kernel = find(linux, "boot/vmlinuz-*")
        for path in (kernel, work / "initrd"):
            (work / path.name).exists() or (work / path.name).symlink_to(path)
        trace = f"work.trace{f',records={records}' if records else ''}"
        command = [pathlib.Path(trapwalk).resolve(), "record", trace, "--cpu", "cortex-a72", "--kernel", kernel.name, "--initrd", "initrd",
                   "--append", "console=ttyAMA0 iommu.strict=1", "--timed-from", "work begins", "--timed-until", "work ends",
                   "--until", "work ends"]
        if what == "dma":
            command += ["--gic", "3", "--smmu", "v3", "--drive", "disk.img,bus=pci"]
        status = subprocess.run(command, cwd=work, stdin=subprocess.DEVNULL).returncode
        if status == 0:
            file.write_bytes((work / ("work.dma.trace" if what == "dma" else "work.trace")).read_bytes())
    return status


sys.exit(main())
