#!/usr/bin/env python3
"""`trapwalk run --status-fd`: the lines say what the report says, and no reader changes the run: none, one that is gone, one that
never reads.

Usage: status_lines.py TRAPWALK ELF
"""
import fcntl
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

F_SETPIPE_SZ = 1031


def run(folder: pathlib.Path, descriptor: int | None, options: list[str] = []) -> tuple[int, str, str, bytes]:
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    command = [sys.argv[1], "run", "--kernel", sys.argv[2], "--report", str(report), *options]
    if descriptor is not None:
        command += ["--status-fd", str(descriptor)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          pass_fds=[] if descriptor is None else [descriptor])
    return done.returncode, done.stdout, done.stderr, report.read_bytes() if report.exists() else b""


def expect(condition: bool, what: object) -> None:
    if not condition:
        sys.exit(f"FAILED: {what}")


def read_lines(folder: pathlib.Path, make_pair, options: list[str]) -> list[dict]:
    reader, writer = make_pair()
    result = run(folder, writer, options)
    os.close(writer)
    expect(result[0] == 0, result[2])
    with os.fdopen(reader, "rb") as file:
        return [json.loads(line) for line in file.read().splitlines()]


def progress_of_an_endless_run(folder: pathlib.Path) -> list[dict]:
    """The first lines that tell it; without, this waits for ever."""
    kernel = folder / "endless"
    kernel.write_bytes(bytes.fromhex("00000014"))  # b .
    reader, writer = os.pipe()
    process = subprocess.Popen([sys.argv[1], "run", "--kernel", kernel, "--fidelity", "timed", "--status-fd", str(writer)],
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=[writer])
    os.close(writer)
    found: list[dict] = []
    with os.fdopen(reader, "rb") as file:
        while len(found) < 3:
            line = json.loads(file.readline())
            found += [line] if line["event"] == "progress" else []
        process.terminate()
        rest = [json.loads(line) for line in file.read().splitlines()]
    expect(process.wait() == 130 and rest[-1]["event"] == "ended", rest)
    return found


def socket_pair() -> tuple[int, int]:
    one, other = socket.socketpair()
    return one.detach(), other.detach()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        plain = run(folder, None)
        expect(plain[0] == 0 and plain[3], plain[2])
        instructions = sum(core["instructions"] for core in json.loads(plain[3])["cores"])

        for make_pair in (os.pipe, socket_pair):
            lines = read_lines(folder, make_pair, [])
            expect([line["event"] for line in lines if line["event"] != "progress"] == ["started", "phase", "ended"], lines)
            expect(lines[0]["cores"] == 1 and lines[0]["fidelity"] == "functional" and lines[1]["phase"] == "measured", lines)
            end = lines[-1]
            expect(end["status"] == 0 and end["cause"] in ("power-off", "semihosting-exit"), end)
            expect(end["instructions"] == instructions, f"{end} and {instructions} in the report")
            expect(end["simulated_ps"] == json.loads(plain[3])["run"]["simulated_ps"], end)
            counts = [line["instructions"] for line in lines[1:]]
            expect(counts == sorted(counts), counts)
        lines = read_lines(folder, os.pipe, ["--timed-from", "instructions:1000", "--warm-up", "1000"])
        expect([line["phase"] for line in lines if line["event"] == "phase"] == ["functional", "warm-up", "measured"], lines)

        for line in progress_of_an_endless_run(folder):
            expect(line["phase"] == "measured" and line["core"] == 0 and line["el"] in (0, 1, 2), line)
            expect(line["mips"] > 0 and line["host_seconds"] >= 0.25 and line["pc"] % 4 == 0, line)

        reader, writer = os.pipe()
        os.close(reader)
        gone = run(folder, writer)
        os.close(writer)
        expect((gone[0], gone[1], gone[3]) == (plain[0], plain[1], plain[3]), f"the reader was gone: {gone[:3]}")

        reader, writer = os.pipe()
        fcntl.fcntl(writer, F_SETPIPE_SZ, 4096)
        os.set_blocking(writer, False)
        try:
            while True:
                os.write(writer, b"x")
        except BlockingIOError:
            pass
        os.set_blocking(writer, True)
        full = run(folder, writer)
        expect((full[0], full[1], full[3]) == (plain[0], plain[1], plain[3]), f"the pipe was full: {full[:3]}")
        expect(not os.get_blocking(reader) or os.get_blocking(writer), "the flags of the pipe have changed")
        os.close(writer)
        expect(set(os.read(reader, 100000)) == {ord("x")}, "part of a line was written")

        command = [sys.argv[1], "run", "--kernel", sys.argv[2], "--status-fd"]
        for number, message in (("99", "99 is not open"), ("-1", "not the number"), ("x", "not the number"),
                                ("99999999999", "not the number"), (str(reader), "for reading only")):
            done = subprocess.run([*command, number], stdin=subprocess.DEVNULL, capture_output=True, text=True, pass_fds=[reader])
            expect(done.returncode == 2 and message in done.stderr and "--status-fd" in done.stderr, done)
    print(f"{instructions} instructions, as the report has it")


main()
