"""Reports of real runs of the guests that ship with Trapwalk, made by the command itself; each once a session."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import trapwalk

TRAPWALK = Path(os.environ["TRAPWALK"])
GUESTS = TRAPWALK.parent.parent / "guests"


class Recorded:
    """A run by the command: its report as a file, what the guest printed, and the same as a Run."""

    def __init__(self, folder: Path, name: str, guest: str, *options: str) -> None:
        self.path = folder / f"{name}.json"
        words: list[str | Path] = [
            TRAPWALK,
            "run",
            "--kernel",
            GUESTS / f"{guest}.elf",
            "--report",
            self.path,
            *options,
        ]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1500, check=True)
        self.console = done.stdout
        self.json: dict[str, Any] = json.loads(self.path.read_text())
        self.run = trapwalk.Run.load(self.path)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="session")
def tagged(folder: Path) -> Recorded:
    """The hypervisor benchmark with two VMs, as `make run` runs it."""
    ghosts = ("--ghost", "tlb.l2=entries:64..4096,ways:4")
    more = ("--keep-walks", "5000", "--events")
    return Recorded(folder, "tagged", "hypervisor_tagged", "--fidelity", "timed", *more, *ghosts)


@pytest.fixture(scope="session")
def flush(folder: Path) -> Recorded:
    """The same with a TLBI ALLE1 at every VM switch."""
    return Recorded(folder, "flush", "hypervisor_flush", "--fidelity", "timed")


@pytest.fixture(scope="session")
def dma(folder: Path) -> Recorded:
    """DMA of a VM through an SMMU."""
    return Recorded(folder, "dma", "dma_methods_short", "--fidelity", "timed", "--smmu", "v3", "--device", "edu")


@pytest.fixture(scope="session")
def pl330(folder: Path) -> Recorded:
    """A DMA controller and its programs."""
    return Recorded(folder, "pl330", "pl330", "--fidelity", "timed", "--device", "pl330")


@pytest.fixture(scope="session")
def functional(folder: Path) -> Recorded:
    """Without timing, on two cores."""
    return Recorded(folder, "functional", "hypervisor_tagged", "--smp", "2")
