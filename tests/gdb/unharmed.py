#!/usr/bin/env python3
"""A debugger changes nothing: a run that is stepped, stopped, looked into, detached from and left in the middle is the run that nobody
debugs, to the byte of its report. And whatever it sends, nothing crashes or hangs.

Usage: unharmed.py TRAPWALK GUESTS; TW_SEED is the seed of where it stops.
"""
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile

from remote import SEED, Closed, Remote, Run, symbols

TRAPWALK, GUESTS = map(os.path.abspath, sys.argv[1:3])
STOPS = 60


def check(condition: object, *what: object) -> None:
    if not condition:
        raise SystemExit(f"wrong: {what}")


def look_around(remote: Remote, cores: int) -> None:
    for thread in range(1, cores + 1):
        remote.expect(f"Hg{thread:x}", "OK")
        remote.ask("g")
        for number in range(60, 400, 7):
            remote.ask(f"p{number:x}")
        remote.memory(remote.pc(), 32)
        for command in ("el", "state", "translate pc", "translate sp write", "phys 0x40080000", "phys 0x8000000 64",
                        "phys 0x9000000 64", "help", "console", "view el1", "view virtual"):
            remote.monitor(command)
    remote.whole("threads:read:")


def wander(remote: Remote, cores: int, chance: random.Random) -> str:
    """Stops in all ways. The last answer: "exit", or "" when it stands."""
    pcs: list[int] = []
    for number in range(STOPS):
        way = chance.choice(("step", "steps", "range", "breakpoint", "watchpoint", "catch"))
        thread = chance.randint(1, cores)
        stop: dict[str, str] = {}
        if way == "range" and pcs:
            pc = remote.pc()
            stop = remote.go(f"vCont;r{pc:x},{pc + 64:x}")
        elif way == "breakpoint" and pcs:
            for pc in chance.sample(pcs, min(3, len(pcs))):
                remote.expect(f"Z{chance.randint(0, 1)},{pc:x},4", "OK")
            stop = remote.go()
            for pc, kind in [(pc, kind) for pc in pcs for kind in (0, 1)] if "exit" not in stop else []:
                remote.expect(f"z{kind},{pc:x},4", "OK")
        elif way == "watchpoint":
            cell, kind = remote.register(31) & ~7, chance.randint(2, 4)
            remote.expect(f"Z{kind},{max(cell - 64, 0):x},80", "OK")
            stop = remote.go()
            if "exit" not in stop:
                remote.expect(f"z{kind},{max(cell - 64, 0):x},80", "OK")
                stop = remote.go("vCont;s:" + stop["thread"])
        elif way == "catch":
            remote.monitor("catch el1 el2")
            stop = remote.go()
            if "exit" not in stop:
                remote.monitor("catch off")
        else:
            for _ in range(1 if way == "step" else chance.randint(2, 300)):
                stop = remote.go("vCont;s:1;c" if way == "steps" else "s")
                if "exit" in stop:
                    break
        if "exit" in stop:
            return "exit"
        pcs.append(remote.pc())
        if number % 20 == 0:
            look_around(remote, cores)
    return ""


def is_unharmed(name: str, elf: str, cores: int, *options: str) -> None:
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        command = [TRAPWALK, "run", "--kernel", f"{GUESTS}/{elf}.elf", "--smp", str(cores), "--report", str(report), *options]
        plain = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        want = (plain.returncode, plain.stdout, report.read_bytes())
        entry = symbols(f"{GUESTS}/{elf}.elf")["main"]

        def ends_as_plain(run: Run, how: str) -> None:
            status, output, errors = run.end()
            if (status, output, report.read_bytes()) != want:
                pathlib.Path(f"unharmed-{name}.json").write_bytes(report.read_bytes())
                raise SystemExit(f"{name}, {how}: not the run that nobody debugs: status {status}\n{output}\n{errors}")
            report.unlink()

        def is_at_main(remote: Remote) -> None:
            remote.expect(f"Z0,{entry:x},4", "OK")
            check(remote.pc() == entry or "swbreak" in remote.go())

        report.unlink()
        run = Run(command)
        remote = run.connect()
        if wander(remote, cores, chance) != "exit":
            check(remote.go().get("exit") == f"{plain.returncode:02x}")
        ends_as_plain(run, "to the end")

        run = Run(command)  # one debugger detaches, one is cut off inside a packet, one while the run goes on
        remote = run.connect()
        is_at_main(remote)
        remote.expect("D", "OK")
        remote.close()
        ends_as_plain(run, "detached")

        run = Run(command)
        remote = run.connect()
        is_at_main(remote)
        remote.send_raw(b"$m4008")
        remote.close()
        ends_as_plain(run, "cut off inside a packet")

        run = Run(command)
        remote = run.connect()
        is_at_main(remote)
        remote.expect(f"z0,{entry:x},4", "OK")
        remote.send("c")
        remote.close()
        ends_as_plain(run, "cut off while it goes on")

        ends_as_plain(Run(command, "0,wait=off"), "nobody comes")

        run = Run(command, "0,wait=off")
        try:
            remote = run.connect()
            look_around(remote, cores)
            remote.expect("D", "OK")
        except (Closed, OSError):
            pass  # the run was faster
        ends_as_plain(run, "comes later")
    print(f"{name}: unharmed")


def speed_run(*options: str, gdb: str = "0") -> Run:
    return Run([TRAPWALK, "run", "--kernel", f"{GUESTS}/speed.elf", "--max-instructions", "100000000000", *options], gdb)


def bad_packets() -> None:
    """Each gets an error, or the empty answer of what is not known; then the run does as before."""
    run = Run([TRAPWALK, "run", "--kernel", f"{GUESTS}/exceptions.elf"])
    remote = run.connect()
    pc = remote.pc()
    for packet in ("p", "pzz", "p99999", "pffffffffffffffffffff", "P", "P0", "P0=", "P0=12", "P0=zz", "P1234567=00", "G", "G00",
                   "Gzz", "gg", "m", "m,", "m0", "m0,", "mzz,4", "m0,zz", "m40080000,4,4", "mffffffffffffffff,8",
                   "M0,4:0102", "M0,4", "M40080000,1:z", "X40080000,4:ab", b"X40080000,1:}", "Z", "Z0", "Z0,40080001,4",
                   "Z5,0,4", "Z0,40080000", "Z2,40080000,0", "Z2,ffffffffffffffff,8", "Z2,0,ffffffffffff", "z9,0,0",
                   "Hg", "Hg99", "Hgzz", "T", "T0", "T99", "Tzz", "vCont;", "vCont;q", "vCont;s:99", "vCont;r1", "vCont;r1,2x",
                   "vCont;t:1", "vCont", "vMustReplyEmpty", "vFile:open:00,0,0", "c1", "s3", "cqq", "Sqq", "qXfer:features:read:",
                   "qXfer:features:read:other.xml:0,10", "qXfer:features:read:target.xml:", "qXfer:features:read:target.xml:zz",
                   "qXfer:features:read:target.xml:ffffff,1", "qXfer:threads:read::0", "qXfer:nothing:read::0,1", "qRcmd,zz",
                   "qRcmd,1", "Qqemu.PhyMemMode:2", "qThreadExtraInfo,", "qThreadExtraInfo,77", "QNonStop:1", "", "\0", "A", "b",
                   "é" * 10, "?x", "QStartNoAckMode1"):
        answer = remote.ask(packet)
        check(answer == "" or answer.startswith("E"), packet, answer)
    check(remote.pc() == pc)
    for command in ("", "bogus", "translate", "translate nowhere", "translate 0 el7", "translate 0 el1 ipa", "phys", "phys 0 0",
                    "phys 0 99999999", "phys 0xffffffffffff", "ipa zz", "view el9", "catch el8", "interrupt", "interrupt spi",
                    "interrupt spi 3", "interrupt spi 4000", "interrupt ppi 1", "interrupt spi 40 sideways", "report",
                    "report /no/such/folder/r.json", "report x.doc", "translate 0x"):
        said = remote.monitor(command)
        check(said.endswith("\n") and len(said) > 5, command, said)
    # A wrong checksum is asked for again, one that was not understood is said again.
    remote.send_raw(b"$?#00")
    check(remote.byte() == b"-")
    first = remote.ask("?")
    remote.send_raw(b"-")
    check(remote.receive() == first)
    remote.send_raw(b"noise$m4$?#3f")  # the second "$" begins anew
    check(remote.receive() == first)
    remote.send_raw(b"\x03\x03")  # it stands already
    check(remote.ask("?") == first)
    check(remote.go().get("exit") is not None)
    check(run.end()[0] == 0)


def never_hangs() -> None:
    # Two debuggers: the second one is turned away, in both states of the run; the first one goes on.
    run = speed_run()
    remote = run.connect()
    for is_going in (False, True):
        if is_going:
            remote.send("c")
        second = run.connect()
        try:
            check(second.socket.recv(1) == b"", "the second debugger is listened to")
        except ConnectionError:
            pass
    # Ctrl-C; requests while it goes on; all that is left open is closed by k.
    remote.send("g")
    check(remote.receive().startswith("E."))
    remote.send_raw(b"\x03")
    stop = remote.stop()
    check(stop["signal"] == "02", stop)
    remote.send("c")
    remote.send_raw(b"\x03")
    check(remote.stop()["signal"] == "02")
    remote.close()  # gone without a word; another one comes while it runs, and kills it
    remote = run.connect()
    check(remote.ask("?")[0] == "T")
    remote.send("c")
    remote.send("k")
    check(run.end()[0] == 0)

    # A debugger that floods is cut off; the run goes on without it.
    run = Run([TRAPWALK, "run", "--kernel", f"{GUESTS}/speed.elf", "--max-instructions", "30000000"])
    remote = run.connect()
    try:
        remote.send_raw(b"$" + b"m" * (3 << 20))
        check(remote.socket.recv(1) == b"", "it listens to a packet without an end")
    except OSError:
        pass
    check(run.end()[0] == 3, "the limit ends it")

    # Signals end a run that waits for a debugger, and one that stands.
    for is_met in (False, True):
        run = speed_run()
        if is_met:
            remote = run.connect()
            remote.ask("?")
        run.process.send_signal(signal.SIGTERM)
        check(run.end()[0] == 130, is_met)

    # What is wrong with the option.
    with socket.create_server(("127.0.0.1", 0)) as taken, tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # its name may be too long for a socket
        plain = pathlib.Path("./file")
        plain.write_text("mine")
        for options, says in (
            ([str(taken.getsockname()[1])], "Address already in use"),
            (["bogus"], "none of PORT, HOST:PORT"),
            (["70000"], "none of PORT"),
            (["127.0.0.1:"], "none of PORT"),
            (["no.such.host.invalid:1"], "no.such.host.invalid"),
            (["0,wait=maybe"], "neither wait=on nor wait=off"),
            (["/no/such/folder/socket"], "No such file or directory"),
            (["./file"], "Address already in use"),
            (["/" + "x" * 200], "bytes at most"),
            (["0", "--control-fd", "0"], "one of the two"),
            (["0", "--fork-points", "points.json", "--fidelity", "timed"], "one of the two"),
        ):
            done = subprocess.run([TRAPWALK, "run", "--kernel", f"{GUESTS}/exceptions.elf", "--gdb", *options],
                                  capture_output=True, text=True, stdin=subprocess.DEVNULL)
            check(done.returncode == 2 and says in done.stderr, options, done)
        check(plain.read_text() == "mine")
        # A socket that a killed run has left behind is no obstacle.
        path = "./left"
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(path)
        run = speed_run(gdb=path)
        run.connect().send("k")
        check(run.end()[0] == 0)
        os.chdir("/")


def main() -> None:
    print(f"seed {SEED}")
    is_unharmed("functional", "hypervisor_tagged", 1)
    is_unharmed("timed", "exceptions", 1, "--fidelity", "timed", "--set", "core.pipeline.model=out-of-order", "--set",
                "cache.enabled=true")
    is_unharmed("two-cores", "validation_ipi", 2, "--fidelity", "timed")
    bad_packets()
    never_hangs()
    print("OK")


main()
