"""What the rows are read off."""

import json
import pathlib
import re
import subprocess
import tempfile
from collections.abc import Callable

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Runs:
    """Runs of the validation programs, of real software and of the DMA study, each done once."""

    def __init__(self, build: pathlib.Path):
        self.build, self.done = build, {}

    def __call__(self, program: str, cpu: str, *options: str) -> "Run":
        guest = ["--kernel", str(self.build / f"guests/validation_{program}.elf")]
        if "--memory" not in options:
            guest += ["--memory", "256M"]
        if "--timed-from" not in options:
            guest += ["--fidelity", "timed"]
        return self.trapwalk("--cpu", cpu, *guest, *options)

    def software(self, name: str, *options: str) -> "Run":
        return self.trapwalk("--software", name, *options)

    def study(self, config: str, parameters: dict) -> dict:
        """The report of a DMA study."""
        sets = [part for name, value in parameters.items() for part in ("--set", f"{name}={value}")]
        return self.trapwalk(
            "--platform", "dma-study", "--config", str(ROOT / f"platforms/{config}.toml"), *sets
        ).report

    def trapwalk(self, *options: str) -> "Run":
        if options not in self.done:
            self.done[options] = self.run(options)
        return self.done[options]

    def run(self, options):
        with tempfile.TemporaryDirectory() as work:
            report = pathlib.Path(work) / "report.json"
            command = [self.build / "bin/trapwalk", "run", *options, "--report", report]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
            if done.returncode != 0:
                raise Failure(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stderr.decode()[-400:]}")
            return Run(done.stdout.decode(errors="replace"), json.loads(report.read_text()))


class Failure(Exception):
    pass


class Run:
    def __init__(self, console: str, report: dict):
        self.report = report
        self.numbers = {}
        for name, total, count in re.findall(r"^cycles: (\S+) total=(\d+) count=(\d+)", console, re.M):
            self.numbers[name] = int(total) / max(int(count), 1)
        for name, event, count in re.findall(r"^events: (\S+) (\S+)=(\d+)", console, re.M):
            self.numbers[f"{name} {event}"] = int(count)

    def __getitem__(self, name: str) -> float:
        if name not in self.numbers:
            raise Failure(f"the program printed nothing about {name}")
        return self.numbers[name]

    def traps(self, chosen: Callable[[dict], bool]) -> list[dict]:
        return [trap for core in self.report["cores"] for trap in core["traps"] if chosen(trap)]

    def walks(self, vmid: int) -> dict:
        """The data walks of one VM."""
        for core in self.report["cores"]:
            for walk in core["walks"]:
                if walk["purpose"] == "data" and walk["context"]["vmid"] == vmid and walk["context"]["el"] == 1:
                    return walk
        raise Failure(f"no walks of VMID {vmid} in the report")
