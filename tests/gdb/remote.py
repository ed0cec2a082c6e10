"""A client of gdb's remote serial protocol with packets of its own, and the run that it talks to."""
from __future__ import annotations

import os
import re
import socket
import subprocess

PATIENCE = 1500.0  # seconds of the host: a run that answers later hangs


class Run:
    """`trapwalk run ... --gdb`; `options` come behind `trapwalk`."""

    def __init__(self, options: list[str], gdb: str = "0", **popen: object) -> None:
        self.process = subprocess.Popen([*options, "--gdb", gdb], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, **popen)
        assert self.process.stderr
        self.first_line = self.process.stderr.readline()
        found = re.search(r"target remote (.+)", self.first_line)
        if not found:
            raise SystemExit(f"it does not say where it listens: {self.first_line!r} {self.process.communicate()}")
        self.where = found[1]

    def connect(self) -> Remote:
        return Remote(self.where)

    def end(self) -> tuple[int, str, str]:
        """Exit status, standard output, standard error."""
        try:
            output, errors = self.process.communicate(timeout=1200)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise SystemExit(f"the run hangs: {self.process.communicate()}")
        return self.process.returncode, output, errors


def checksum(body: bytes) -> bytes:
    return b"%02x" % (sum(body) % 256)


class Closed(Exception):
    """The other end is closed."""


class Remote:
    def __init__(self, where: str) -> None:
        if "/" in where:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(PATIENCE)
            self.socket.connect(where)
        else:
            host, port = where.rsplit(":", 1)
            self.socket = socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE)
        self.buffer = b""
        self.acknowledges = True

    def close(self) -> None:
        self.socket.close()

    def send_raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send(self, body: str | bytes) -> None:
        data = body.encode("latin-1") if isinstance(body, str) else body
        self.send_raw(b"$" + data + b"#" + checksum(data))

    def byte(self) -> bytes:
        if not self.buffer:
            self.buffer = self.socket.recv(65536)
            if not self.buffer:
                raise Closed
        first, self.buffer = self.buffer[:1], self.buffer[1:]
        return first

    def receive(self) -> str:
        """The next packet's body, which is acknowledged."""
        while (first := self.byte()) != b"$":
            if first != b"+":
                raise SystemExit(f"{first!r} is no beginning of a packet")
        body = b""
        while (one := self.byte()) != b"#":
            body += one
        if self.byte() + self.byte() != checksum(body):
            raise SystemExit(f"the checksum of {body!r} is wrong")
        if self.acknowledges:
            try:
                self.send_raw(b"+")
            except OSError:
                pass  # it was the last one
        return body.decode("latin-1")

    def ask(self, body: str | bytes) -> str:
        self.send(body)
        return self.receive()

    def expect(self, body: str | bytes, answer: str) -> None:
        got = self.ask(body)
        if got != answer:
            raise SystemExit(f"{body!r}: {got!r}, not {answer!r}")

    def no_acknowledgements(self) -> None:
        self.expect("QStartNoAckMode", "OK")
        self.acknowledges = False

    # What programs want of it.

    def go(self, body: str = "c") -> dict[str, str]:
        self.send(body)
        return self.stop()

    def stop(self) -> dict[str, str]:
        """Where the run stands: "signal", "thread", "swbreak" ...; or "exit"."""
        said = ""
        while (body := self.receive()).startswith("O"):
            said += bytes.fromhex(body[1:]).decode()
        if body.startswith("W"):
            return {"exit": body[1:], "said": said}
        if not body.startswith("T"):
            raise SystemExit(f"{body!r} is no stop")
        pairs = dict(pair.split(":") for pair in body[3:].rstrip(";").split(";"))
        return {"signal": body[1:3], "said": said, **pairs}

    def whole(self, thing: str) -> str:
        """All of a qXfer, in parts of an odd size."""
        text = ""
        while True:
            part = self.ask(f"qXfer:{thing}:{len(text):x},{0xFF1:x}")
            text += re.sub(r"}(.)", lambda found: chr(ord(found[1]) ^ 0x20), part[1:], flags=re.DOTALL)
            if part[0] == "l":
                return text
            if part[0] != "m":
                raise SystemExit(f"qXfer:{thing}: {part!r}")

    def monitor(self, command: str) -> str:
        self.send("qRcmd," + command.encode().hex())
        said = ""
        while (body := self.receive()).startswith("O") and body != "OK":
            said += bytes.fromhex(body[1:]).decode()
        if body != "OK":
            raise SystemExit(f"monitor {command}: {body!r}")
        return said

    def register(self, number: int) -> int:
        value = self.ask(f"p{number:x}")
        if value.startswith("E"):
            raise SystemExit(f"register {number}: {value}")
        return int.from_bytes(bytes.fromhex(value), "little")

    def pc(self) -> int:
        return self.register(32)

    def memory(self, address: int, count: int) -> bytes:
        digits = self.ask(f"m{address:x},{count:x}")
        if digits.startswith("E"):
            raise SystemExit(f"memory at {address:#x}: {digits}")
        return bytes.fromhex(digits)


def symbols(elf: str) -> dict[str, int]:
    text = subprocess.run(["aarch64-linux-gnu-nm", elf], check=True, capture_output=True, text=True).stdout
    rows = (line.split() for line in text.splitlines())
    return {row[2]: int(row[0], 16) for row in rows if len(row) == 3}


SEED = int(os.environ.get("TW_SEED", "1"))
