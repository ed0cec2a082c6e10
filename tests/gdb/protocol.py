#!/usr/bin/env python3
"""What gdb's remote serial protocol says of a run is what --control-fd says of it (docs/gdb.md).

Usage: protocol.py TRAPWALK GUESTS
"""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from remote import Remote, Run, symbols

TRAPWALK, GUESTS = map(os.path.abspath, sys.argv[1:3])
HYPERVISOR = f"{GUESTS}/hypervisor_tagged.elf"
TWO_CORES = f"{GUESTS}/validation_ipi.elf"


def check(condition: object, *what: object) -> None:
    if not condition:
        raise SystemExit(f"wrong: {what}")


class Control:
    """The same run over --control-fd, as far as it is needed."""

    def __init__(self, options: list[str]) -> None:
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen([*options, "--control-fd", str(theirs.fileno())], pass_fds=[theirs.fileno()],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        theirs.close()
        self.file = ours.makefile("rw")
        self.file.readline()

    def ask(self, command: str, **members: object) -> dict:
        self.file.write(json.dumps({"id": 1, "command": command, **members}) + "\n")
        self.file.flush()
        return json.loads(self.file.readline())["result"]

    def end(self) -> None:
        self.file.close()
        self.process.wait()


def command(elf: str, *options: str) -> list[str]:
    return [TRAPWALK, "run", "--kernel", elf, *options]


def registers_are_the_rows() -> None:
    """target.xml names what --control-fd names, and each register has the value that it has there."""
    run, control = Run(command(HYPERVISOR)), Control(command(HYPERVISOR))
    remote = run.connect()
    supported = remote.ask("qSupported:multiprocess+;swbreak+;xmlRegisters=i386")
    check("qXfer:features:read+" in supported and re.search(r"PacketSize=[0-9a-f]+", supported), supported)
    remote.no_acknowledgements()
    target = ElementTree.fromstring(remote.whole("features:read:target.xml"))
    check(target.findtext("architecture") == "aarch64")
    features = {feature.attrib["name"]: feature for feature in target.findall("feature")}
    check({"org.gnu.gdb.aarch64.core", "org.gnu.gdb.aarch64.fpu"} < set(features), features)
    rows = [(row.attrib["name"], int(row.attrib["bitsize"])) for row in target.iter("reg")]
    numbers = {name: number for number, (name, _) in enumerate(rows)}
    check(len(numbers) == len(rows), "a name twice")
    check([name for name, _ in rows[:34]] == [*(f"x{n}" for n in range(31)), "sp", "pc", "cpsr"], rows[:34])

    # In a guest under two stages of translation.
    at = symbols(HYPERVISOR)["guest_exit"]
    remote.expect(f"Z1,{at:x},4", "OK")
    stop = remote.go()
    check(stop["signal"] == "05" and "hwbreak" in stop and int(stop["thread"], 16) == 1, stop)
    there = control.ask("continue", address=at)
    check(there["el"] == 1 and there["pc"] == remote.pc() == at, there)
    names = control.ask("register-names")["names"]
    gdbs = {"pstate": "cpsr", "FPCR": "fpcr", "FPSR": "fpsr"}
    check({gdbs.get(name, name) for name in names} | {f"v{n}" for n in range(32)} == set(numbers))
    for name in names:
        want = control.ask("registers", name=name)[name]
        got = remote.register(numbers[gdbs.get(name, name)])
        check(got == want, name, hex(got), hex(want))
    everything = bytes.fromhex(remote.ask("g"))
    check(len(everything) == 31 * 8 + 16 + 4 + 32 * 16 + 8, len(everything))
    check(everything[:31 * 8] == b"".join(control.ask("registers", name=f"x{n}")[f"x{n}"].to_bytes(8, "little")
                                          for n in range(31)))
    # What is written is there, and in g and p the same; with G all of it goes back.
    for name, value in (("x5", 0x1122334455667788), ("TPIDR_EL1", 0x4000), ("v7", 0x0102030405060708090A0B0C0D0E0F10),
                        ("fpcr", 0x01000000)):
        bytes_ = rows[numbers[name]][1] // 8
        remote.expect(f"P{numbers[name]:x}={value.to_bytes(bytes_, 'little').hex()}", "OK")
        check(remote.register(numbers[name]) == value, name)
    check(remote.ask("g") != everything.hex())
    remote.expect("G" + everything.hex(), "OK")
    check(remote.ask("g") == everything.hex())
    refused = remote.ask(f"P{numbers['MIDR_EL1']:x}=0000000000000000")
    check(refused == "E.MIDR_EL1 is read-only", refused)
    # Memory as the core sees it, by IPA, and physical.
    code = bytes.fromhex(control.ask("read-memory", address=at, bytes=64)["data"])
    check(remote.memory(at, 64) == code)
    check("PA 0x" in remote.monitor(f"translate {at:#x}"))
    walk = control.ask("translate", address=at)
    said = remote.monitor("translate pc")
    check(said.count("stage 2") == sum(row["stage"] == 2 for row in walk["walk"]) and f"PA {walk['pa']:#x}," in said, said)
    remote.expect("qqemu.PhyMemMode", "0")
    remote.expect("Qqemu.PhyMemMode:1", "OK")
    check(remote.memory(walk["pa"], 64) == code)
    remote.expect("Qqemu.PhyMemMode:0", "OK")
    check("el2" in remote.monitor("view el2").lower())
    check(remote.monitor("el") == "EL1\n")
    remote.expect("D", "OK")
    check(run.end()[0] == 0)
    control.end()


def steps_and_points() -> None:
    run, control = Run(command(HYPERVISOR)), Control(command(HYPERVISOR))
    names = symbols(HYPERVISOR)
    remote = run.connect()
    check(remote.ask("?")[:3] == "T05")
    for packet in ("s", "vCont;s:1", "vCont;s:1;c", "S05"):
        stop = remote.go(packet)
        want = control.ask("step")
        check(stop["signal"] == "05" and remote.pc() == want["pc"], packet, stop, want)
    # A range is stepped through until pc is outside.
    before = remote.pc()
    stop = remote.go(f"vCont;r{before:x},{before + 8:x}:1")
    check(not before <= remote.pc() < before + 8, remote.pc())
    # A software breakpoint leaves memory alone.
    code = remote.memory(names["main"], 8)
    remote.expect(f"Z0,{names['main']:x},4", "OK")
    stop = remote.go()
    check("swbreak" in stop and remote.pc() == names["main"] == int.from_bytes(bytes.fromhex(stop["20"]), "little"), stop)
    check(remote.memory(names["main"], 8) == code)
    remote.expect(f"z0,{names['main']:x},4", "OK")
    # Watchpoints: behind the access; and the step that gdb then does to get past it has been done.
    remote.expect(f"Z0,{names['bench_hypercall']:x},4", "OK")
    remote.go()
    remote.expect(f"z0,{names['bench_hypercall']:x},4", "OK")
    cell = remote.register(31) - 16
    for kind, reason in ((2, "watch"), (3, "rwatch"), (4, "awatch")):
        old = remote.memory(cell, 8)
        remote.expect(f"Z{kind},{cell:x},8", "OK")
        stop = remote.go()
        check(reason in stop, kind, stop)
        touched = int(stop[reason], 16)
        check(cell - 16 < touched < cell + 8, hex(touched), hex(cell))
        check(kind != 2 or remote.memory(cell, 8) != old)
        pc = remote.pc()
        opcode = int.from_bytes(remote.memory(pc - 4, 4), "little")
        check(opcode >> 25 & 0b101 == 0b100, "no load or store", hex(opcode))  # Arm ARM C4.1
        remote.expect(f"z{kind},{cell:x},8", "OK")
        remote.go("vCont;s:1")
        check(remote.pc() == pc, "stepped twice")
        remote.go("vCont;s:1")
        check(remote.pc() != pc, "not stepped")
    # Exceptions, from the monitor.
    check("EL2" in remote.monitor("catch el2"))
    stop = remote.go()
    check("exception" in stop["said"] and remote.monitor("el") == "EL2\n", stop)
    check(remote.pc() & ~0x7FF == remote_register(remote, "VBAR_EL2"))
    remote.monitor("catch off")
    # Writes.
    stack = remote.register(31) - 4096
    remote.expect(f"M{stack:x},4:01020304", "OK")
    remote.expect(b"X%x,5:}\x03}\x04}\x0a}]z" % stack, "OK")
    check(remote.memory(stack, 5) == b"#$*}z")
    check(remote.ask("M9000000,4:01020304").startswith("E"), "a device is no RAM")
    check(remote.ask("m8000000000,4").startswith("E"))
    stop = remote.go()
    check(stop["exit"] == "00" and "powered off" in stop["said"], stop)
    check(run.end()[0] == 0)
    control.end()


def remote_register(remote: Remote, name: str) -> int:
    target = ElementTree.fromstring(remote.whole("features:read:target.xml"))
    names = [row.attrib["name"] for row in target.iter("reg")]
    return remote.register(names.index(name))


def cores_are_threads() -> None:
    run, control = Run(command(TWO_CORES, "--smp", "2")), Control(command(TWO_CORES, "--smp", "2"))
    remote = run.connect()
    remote.expect("qfThreadInfo", "m1,2")
    remote.expect("qsThreadInfo", "l")
    remote.expect("T2", "OK")
    check(remote.ask("T3").startswith("E") and remote.ask("Hg3").startswith("E"))
    threads = ElementTree.fromstring(remote.whole("threads:read:"))
    check([row.attrib["name"] for row in threads] == ["CPU 0", "CPU 1"] and threads[1].text == "off")
    check(remote.ask("vCont;s:2").startswith("E.core 1 is not powered on"))
    # Until the second core runs; both are where --control-fd has them.
    second = symbols(TWO_CORES)["core_main"]
    remote.expect(f"Z0,{second:x},4", "OK")
    stop = remote.go()
    check(int(stop["thread"], 16) == 2, stop)
    there = control.ask("continue", address=second)
    check(there["core"] == 1)
    for thread in (1, 2):
        remote.expect(f"Hg{thread}", "OK")
        check(remote.pc() == control.ask("registers", core=thread - 1, name="pc")["pc"])
    remote.expect(f"z0,{second:x},4", "OK")
    for thread in (2, 1, 2):
        stop = remote.go(f"vCont;s:{thread};c")
        want = control.ask("step", core=thread - 1)
        check(int(stop["thread"], 16) == thread and remote.pc() == want["pc"], thread, stop, want)
    remote.send("k")
    check(run.end()[0] == 0)
    control.end()


def main() -> None:
    registers_are_the_rows()
    steps_and_points()
    cores_are_threads()
    with tempfile.TemporaryDirectory() as folder:  # a Unix socket, gone with the run
        os.chdir(folder)  # its name may be too long for a socket
        path = "./socket"
        run = Run(command(HYPERVISOR), path)
        check(run.where == path)
        remote = run.connect()
        remote.send("k")
        check(run.end()[0] == 0)
        check(not os.path.exists(path))
        os.chdir("/")
    print("OK")


main()
