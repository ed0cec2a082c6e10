#!/usr/bin/env python3
"""Debian's kernel and its virtio drivers, as modules: disks, file systems, a download over user networking, a forwarded
port, the console and the entropy device; and the power key on the GPIO.

Usage: linux_virtio.py TRAPWALK [--bus pci] [RUN-OPTION...]      Exit status 77: skipped.
With --bus pci, disks and network are PCI functions, and interrupt by messages.
`trapwalk software get` fetches the packages.
"""
import contextlib
import hashlib
import http.server
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import threading
import urllib.request

from initramfs import cpio, find, package, skip

PCI_MODULES = ["virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci"]
MODULES = ["virtio_mmio", "virtio_blk", "failover", "net_failover", "virtio_net", "virtio-rng", "virtio_console",
           "gpio_keys", "evdev",
           "crc32c_generic", "mbcache", "crc16", "jbd2", "ext4"]

INIT = r"""#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /mnt
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys
for module in /modules/*; do insmod $module || echo "FAILED insmod $module"; done
for disk in /sys/block/vd*; do
  name=${disk##*/}
  echo "disk $(cat $disk/serial) $(cat $disk/size) ro=$(cat $disk/ro)"
  ln -s /dev/$name /dev/$(cat $disk/serial)
done
numbers=/dev/trapwalk-disk-0
echo "numbers $(sha256sum <$numbers)"
dd if=/numbers of=$numbers bs=4096 seek=100 2>/dev/null; sync
echo 3 >/proc/sys/vm/drop_caches
echo "written $(sha256sum <$numbers)"
mount -t ext4 /dev/trapwalk-disk-1 /mnt && echo "lines $(sha256sum </mnt/folder/lines)"
seq 1 100000 >/mnt/new && umount /mnt && mount -t ext4 -o ro /dev/trapwalk-disk-1 /mnt
echo "new $(sha256sum </mnt/new)"; umount /mnt
dd if=/numbers of=/dev/trapwalk-disk-2 2>/dev/null && echo "FAILED: a read-only disk is writable"
mount -t ext2 -o ro /dev/trapwalk-disk-2 /mnt && echo "second $(sha256sum </mnt/folder/lines)"
echo "rng $(cat /sys/class/misc/hw_random/rng_current) $(head -c 64 /dev/hwrng | sha256sum)"
echo "to the console" >/dev/hvc0
ip link set lo up; ip link set eth0 up
udhcpc -i eth0 -n -q -s /bin/dhcp >/dev/null && ip addr show dev eth0
wget -q -O - http://10.0.2.2:$tw_port/pool/package.deb | sha256sum | sed 's/^/package /'
mkdir /www; echo "from the guest" >/www/page
head -c 24 /dev/input/event0 >/key &
httpd -p 80 -h /www; echo serving
wget -q -O - http://10.0.2.2:$tw_port/fetched
wait; echo "key $(hexdump -s 16 -n 8 -e '1/2 "%d," 1/2 "%d," 1/4 "%d"' /key)"
echo "interrupts $(grep -c virtio /proc/interrupts)"
for f in /sys/bus/pci/devices/*; do
  echo "pci ${f##*/} $(cat $f/vendor):$(cat $f/device) class $(cat $f/class) $(ls $f/msi_irqs 2>/dev/null | wc -l) messages"
done
echo "messages $(grep -c 'MSI.* virtio[0-9]*-\(input\|output\|req\).*' /proc/interrupts)"
poweroff -f
"""

DHCP = """#!/bin/busybox sh
[ "$1" = bound ] || exit 0
ip link set $interface up; ip addr add $ip/24 dev $interface; ip route add default via $router
"""


class Server(http.server.BaseHTTPRequestHandler):
    package = b""
    fetched = threading.Event()

    def do_GET(self):
        if self.path == "/fetched":  # answered when the host has read the guest's page
            body = b"fetched\n" if Server.fetched.wait(300) else b"FAILED: the forwarded port\n"
        else:
            body = Server.package
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def fetch_page(port: int) -> None:
    with contextlib.suppress(OSError):
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/page", timeout=240).read()
        if page == b"from the guest\n":
            Server.fetched.set()


def free_port() -> int:
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_disks(folder: pathlib.Path, mke2fs: str) -> dict[str, bytes]:
    numbers = "".join(f"{n}\n" for n in range(700000)).encode()[: 4 << 20]
    (folder / "numbers.img").write_bytes(numbers)
    files = folder / "files" / "folder"
    files.mkdir(parents=True)
    lines = "".join(f"line {n}\n" for n in range(20000)).encode()
    (files / "lines").write_bytes(lines)
    for kind in ("ext4", "ext2"):
        subprocess.run([mke2fs, "-q", "-t", kind, "-d", folder / "files", folder / f"{kind}.img", "8M"], check=True,
                       stdout=subprocess.DEVNULL)
    return {"numbers": numbers, "lines": lines}


def main() -> int:
    trapwalk, options = os.path.abspath(sys.argv[1]), sys.argv[2:]
    pci = options[:2] == ["--bus", "pci"]
    options, bus = (options[2:], ",bus=pci") if pci else (options, "")
    mke2fs = next((path for path in ("/sbin/mke2fs", "/usr/sbin/mke2fs") if os.access(path, os.X_OK)), None)
    if not mke2fs:
        skip("mke2fs is missing; install the package e2fsprogs")
    linux = package(trapwalk, "linux-image-arm64")
    busybox = package(trapwalk, "busybox-static") / "bin/busybox"
    modules = find(linux, "lib/modules/*/kernel")
    Server.package = random.Random(3).randbytes(300_000)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    forwarded = free_port()

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        disks = make_disks(folder, mke2fs)
        images = {path: path.read_bytes() for path in folder.glob("*.img")}
        patch = random.Random(4).randbytes(65536)
        entries = [(part, 0o40755, b"", (0, 0)) for part in ("bin", "dev", "modules")]
        entries += [("dev/console", 0o20600, b"", (5, 1)), ("init", 0o100755, INIT.encode(), (0, 0)),
                    ("bin/dhcp", 0o100755, DHCP.encode(), (0, 0)), ("numbers", 0o100644, patch, (0, 0)),
                    ("bin/busybox", 0o100755, busybox.read_bytes(), (0, 0))]
        for number, module in enumerate(PCI_MODULES + MODULES if pci else MODULES):
            entries.append((f"modules/{number:02}-{module}", 0o100644, find(modules, f"**/{module}.ko").read_bytes(),
                            (0, 0)))
        (folder / "initrd").write_bytes(cpio(entries))
        command = [trapwalk, "run", "--kernel", find(linux, "boot/vmlinuz-*"), "--initrd", folder / "initrd",
                   "--append", f"console=ttyAMA0 quiet tw_port={server.server_port}",
                   "--drive", f"{folder}/numbers.img{bus}", "--drive", f"{folder}/ext4.img{bus}",
                   "--drive", f"{folder}/ext2.img,readonly{bus}",
                   "--netdev", f"user,hostfwd=tcp:127.0.0.1:{forwarded}-:80{bus}",
                   "--virtio-console", f"file:{folder}/hvc0", "--virtio-rng",
                   "--press-power-after", "serving", "--max-instructions", "6000000000"]
        run = subprocess.Popen([*command, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        console = []
        for line in run.stdout:
            print(line, end="", flush=True)
            console.append(line.strip())
            if line.strip() == "serving":
                threading.Thread(target=fetch_page, args=(forwarded,), daemon=True).start()
        status = run.wait()
        hvc0 = (folder / "hvc0").read_text()
        changed = [path.name for path, before in images.items() if path.read_bytes() != before]

    digest = lambda data: hashlib.sha256(data).hexdigest() + "  -"
    written = bytearray(disks["numbers"])
    written[409600:409600 + len(patch)] = patch
    expected = [f"disk trapwalk-disk-0 {len(written) // 512} ro=0", "disk trapwalk-disk-1 16384 ro=0",
                "disk trapwalk-disk-2 16384 ro=1", "numbers " + digest(disks["numbers"]),
                "written " + digest(bytes(written)), "lines " + digest(disks["lines"]),
                "new " + digest("".join(f"{n}\n" for n in range(1, 100001)).encode()),
                "second " + digest(disks["lines"]), "package " + digest(Server.package), "fetched"]
    expected.append("key 1,116,1")  # EV_KEY, KEY_POWER, pressed
    # The host bridge is QEMU's; a disk has a vector for its queue and one for changes, a network device one more.
    expected.append("pci 0000:00:00.0 0x1b36:0x0008 class 0x060000 0 messages")
    if pci:
        expected += [f"pci 0000:00:0{n}.0 0x1af4:0x1042 class 0x010000 2 messages" for n in (1, 2, 3)]
        expected += ["pci 0000:00:04.0 0x1af4:0x1041 class 0x020000 3 messages", "messages 5"]
    failures = [f"'{line}' was not printed" for line in expected if line not in console]
    if not any(re.match(r"inet 10\.0\.2\.15/24", line) for line in console):
        failures.append("no address by DHCP")
    if not any(re.match(r"rng virtio_rng\.0 [0-9a-f]{64}", line) for line in console):
        failures.append("no entropy")
    failures += [line for line in console if line.startswith("FAILED")]
    if "to the console" not in hvc0:
        failures.append(f"hvc0 printed {hvc0!r}")
    if changed:
        failures.append(f"images were changed: {changed}")
    if status != 0:
        failures.append(f"exit status {status}")
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


sys.exit(main())
