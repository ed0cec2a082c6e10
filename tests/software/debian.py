#!/usr/bin/env python3
"""Debian 12 from its disk, as a user has it: a login, commands, apt-get over user networking from a server in this test,
perf stat, power off.

Usage: debian.py TRAPWALK [RUN-OPTION...]      Exit status 77: skipped.
The first run makes the disk's image with `trapwalk software get` and takes minutes.
"""
import functools
import hashlib
import http.server
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

SOFTWARE = "debian-12-arm64"
UNAVAILABLE, SKIPPED = 5, 77

GREETING = """#!/usr/bin/perl
print "greeting: ", 6 * 7, " ", -e "/usr/share/doc/trapwalk-greeting/readme" ? "whole" : "broken", "\\n";
"""


def make_repository(folder: pathlib.Path) -> None:
    """One package and its index, as a flat repository."""
    tree = folder / "tree"
    for name, text, mode in (
            ("DEBIAN/control", "Package: trapwalk-greeting\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\n"
             "Description: a greeting\n", 0o644),
            ("usr/bin/trapwalk-greeting", GREETING, 0o755),
            ("usr/share/doc/trapwalk-greeting/readme", "line\n" * 200_000, 0o644)):
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
    package = folder / "trapwalk-greeting_1.0_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, package], check=True, stdout=subprocess.DEVNULL)
    content = package.read_bytes()
    (folder / "Packages").write_text((tree / "DEBIAN" / "control").read_text() +
                                     f"Filename: ./{package.name}\nSize: {len(content)}\n"
                                     f"SHA256: {hashlib.sha256(content).hexdigest()}\n")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def serve(folder: pathlib.Path) -> int:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main() -> None:
    trapwalk, options = sys.argv[1], sys.argv[2:]
    fetched = subprocess.run([trapwalk, "software", "get", SOFTWARE], capture_output=True, text=True)
    if fetched.returncode == UNAVAILABLE:
        print(f"SKIPPED: {SOFTWARE} cannot be had\n{fetched.stderr}", file=sys.stderr)
        sys.exit(SKIPPED)
    if fetched.returncode != 0:
        sys.exit(f"software get: exit status {fetched.returncode}\n{fetched.stderr}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_repository(folder)
        port = serve(folder)
        commands = [
            "uname -m; cat /etc/debian_version; systemctl is-system-running --wait",
            "until ip route | grep -q default; do sleep 1; done; ip -4 addr show",
            f"echo deb [trusted=yes] http://10.0.2.2:{port} ./ >/etc/apt/sources.list",
            "apt-get -q update && apt-get -q -y install trapwalk-greeting && trapwalk-greeting",
            "perf stat -e instructions:u,cycles:u,exc_taken perl -e 'for ($i = 0; $i < 100000; ++$i) {}' 2>&1 | cat",
            "poweroff",
        ]
        command = [trapwalk, "run", "--software", SOFTWARE, *options, "--type", "login: =>root\\r"]
        for text in commands:
            command += ["--type", f":~# =>{text}\\r"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=3000)
    console = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", done.stdout.decode(errors="replace").replace("\r", ""))
    wrong = [] if done.returncode == 0 else [f"exit status {done.returncode}"]
    for pattern in (r"Debian GNU/Linux 12 trapwalk ttyAMA0", r"^trapwalk login: root", r"^aarch64$", r"^12\.\d+$", r"^running$",
                    r"inet 10\.0\.2\.15/24", r"Setting up trapwalk-greeting \(1\.0\)", r"^greeting: 42 whole$",
                    r"^ +[\d,]+ +instructions:u", r"^ +[\d,]+ +cycles:u", r"^ +[\d,]+ +exc_taken", r"reboot: Power down"):
        if not re.search(pattern, console, re.MULTILINE):
            wrong.append(f"not on the console: {pattern}")
    if wrong:
        print(console[-8000:] + done.stderr.decode(errors="replace"))
        sys.exit("FAILED\n  " + "\n  ".join(wrong))
    print(done.stderr.decode(errors="replace").strip().splitlines()[-1])


main()
