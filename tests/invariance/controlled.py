#!/usr/bin/env python3
"""A run that another process steps, stops everywhere and looks into (--control-fd) is the run that nobody controls, to the byte of
its report; and its registers after N steps are those after N times one step.

Usage: controlled.py TRAPWALK ELF [RUN-OPTION...]; TW_SEED is the seed of where it stops.
"""
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import tempfile

STOPS = 150


class Client:
    def __init__(self, options: list[str]) -> None:
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen([*options, "--control-fd", str(theirs.fileno())], pass_fds=[theirs.fileno()],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        theirs.close()
        self.file = ours.makefile("rw")
        self.ready = json.loads(self.file.readline())

    def ask(self, command: str, **members: object) -> dict:
        self.file.write(json.dumps({"id": 1, "command": command, **members}) + "\n")
        self.file.flush()
        answer = json.loads(self.file.readline())
        if "result" not in answer:
            sys.exit(f"{command} {members}: {answer}")
        return answer["result"]

    def end(self) -> tuple[int, str, str]:
        self.file.close()
        output, errors = self.process.communicate()
        return self.process.returncode, output, errors


def look_around(client: Client, stop: dict) -> dict:
    """Whatever can be looked at; the registers."""
    everything = {}
    for core in range(client.ready["cores"]):
        everything[core] = client.ask("registers", core=core)
        for name in ("ESR_EL1", "HCR_EL2", "CNTVCT_EL0", "PMCCNTR_EL0", "ISR_EL1"):
            client.ask("registers", core=core, name=name)
        client.ask("state", core=core)
        for el in (1, 2):
            client.ask("translate", core=core, el=el, address=stop["pc"])
    client.ask("read-memory", space="physical", address=0x40080000, bytes=4096)
    client.ask("read-memory", space="physical", address=0x08000000, bytes=64)  # GICD
    client.ask("read-memory", space="physical", address=0x09000000, bytes=64)  # UART
    return everything


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    trapwalk, elf, *options = sys.argv[1:]
    seed = int(os.environ.get("TW_SEED", "1"))
    print(f"seed {seed}")
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        half = pathlib.Path(folder) / "half.json"
        command = [trapwalk, "run", "--kernel", elf, "--report", str(report), *options]
        plain = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        plain_report = report.read_bytes()
        report.unlink()
        total = sum(core["instructions"] for core in json.loads(plain_report)["cores"])

        client = Client(command)
        reasons: dict[str, int] = {}
        pcs = []
        for number in range(STOPS):
            way = chance.choice(("step", "steps", "instructions", "time", "breakpoint", "watchpoint", "exception", "goal"))
            if way == "step":
                stop = client.ask("step")
            elif way == "steps":
                stop = client.ask("step", count=chance.randint(2, 3000))
            elif way == "instructions":
                stop = client.ask("continue", instructions=chance.randint(1, max(2, total // STOPS)))
            elif way == "time":
                stop = client.ask("continue", simulated_ps=stop["simulated_ps"] + chance.randint(500, 20_000_000)
                                  if pcs else 1_000_000)
            elif way == "exception":
                stop = client.ask("continue", exceptions=[0, 1, 2], instructions=total // STOPS + 1)
            elif way == "goal" and pcs:
                stop = client.ask("continue", address=chance.choice(pcs), instructions=total // STOPS + 1)
            elif way == "watchpoint":
                sp = client.ask("registers", core=stop["core"] if pcs else 0, name="sp")["sp"]
                client.ask("add-watchpoint", address=max(0, sp - 256), bytes=512, access=chance.choice(("write", "any")))
                stop = client.ask("continue", instructions=total // STOPS // 8 + 1)
                for row in client.ask("breakpoints")["breakpoints"]:
                    client.ask("delete-breakpoint", number=row["number"])
            elif pcs:
                for address in chance.sample(pcs, min(3, len(pcs))):
                    client.ask("add-breakpoint", address=address)
                stop = client.ask("continue", instructions=total // STOPS + 1)
                for row in client.ask("breakpoints")["breakpoints"]:
                    client.ask("delete-breakpoint", number=row["number"])
            else:
                stop = client.ask("step")
            reasons[stop["reason"]] = reasons.get(stop["reason"], 0) + 1
            if stop["reason"] == "ended":
                break
            pcs.append(stop["pc"])
            if number % 10 == 0:
                look_around(client, stop)
            if number == STOPS // 2:
                client.ask("report", path=str(half))
                part = json.loads(half.read_text())
                counted = sum(core["instructions"] for core in part["cores"])
                if part["run"]["stopped"] != "it goes on" or not 0 < counted <= stop["instructions"]:
                    sys.exit(f"the report of half the run: {part['run']}, {counted} of {stop['instructions']} instructions")
        if stop["reason"] != "ended":
            stop = client.ask("continue")
        if stop["reason"] != "ended":
            sys.exit(f"it did not end: {stop}")
        client.ask("report", path=str(half))
        client.ask("quit")
        controlled = client.end()
        if controlled[:2] != (plain.returncode, plain.stdout):
            sys.exit(f"status {controlled[0]} and {plain.returncode}\n{controlled[1]}\n{controlled[2]}")
        for name, bytes_ in (("at the end", report.read_bytes()), ("asked for at the end", half.read_bytes())):
            if bytes_ != plain_report:
                kept = pathlib.Path(f"controlled-{os.getpid()}.json")
                kept.write_bytes(bytes_)
                sys.exit(f"the report {name} differs from that of a run that nobody controls: {kept.absolute()}")
        # The other guests take few exceptions, and keep little on the stack.
        traps = ["exception", "watchpoint"] if "hypervisor" in elf else []
        for needed in ("steps", "instructions", "time", "breakpoint", "goal", *traps):
            if needed not in reasons:
                sys.exit(f"never stopped because of {needed}: {reasons}")

        # N steps, and N times one.
        for count in (1, 7, 400):
            once, one_by_one = Client(command), Client(command)
            for either in (once, one_by_one):
                either.ask("continue", instructions=total // 3)
            where = once.ask("step", count=count)
            for _ in range(count):
                other = one_by_one.ask("step")
            if where != other or look_around(once, where) != look_around(one_by_one, other):
                sys.exit(f"{count} steps: {where} and {other}")
            for either in (once, one_by_one):
                either.ask("quit")
                either.end()
    print(f"{pathlib.Path(elf).name}: {reasons}")


main()
