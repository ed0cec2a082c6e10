"""What mypy knows of the package: a program of typed uses, with the errors that it must find."""

import os
import pathlib
import re
import subprocess
import sys

import trapwalk

PACKAGE = pathlib.Path(trapwalk.__file__).parent
CHECKS = pathlib.Path(__file__).resolve().parents[2] / "python" / "mypy.ini"
CACHE = PACKAGE.parents[1] / "mypy-stubs"
ENVIRONMENT = {"MYPYPATH": str(PACKAGE.parent), "PYTHONPATH": str(PACKAGE.parent), "PATH": "/usr/bin"}
# stubtest imports the module: with what its sanitizer needs (python/CMakeLists.txt).
ENVIRONMENT |= {key: os.environ[key] for key in ("LD_PRELOAD", "ASAN_OPTIONS") if key in os.environ}

# "# revealed: TYPE" and "# error: CODE" are expected on their lines, and nothing else.
PROGRAM = '''
import numpy
import trapwalk
from trapwalk import Caches, Config, Kind, Mmu, Smmu, Tlb, Trace, WalkCache

config = Config("cortex-a72", sets={"mmu.l2.entries": 512, "mmu.split": True})
reveal_type(config.mmu.l2.entries)  # revealed: builtins.int
reveal_type(config.mmu.split)  # revealed: builtins.bool
reveal_type(config.mmu.l2.policy)  # revealed: builtins.str
reveal_type(config.core.latency.return_)  # revealed: builtins.int
reveal_type(config.replay.leaf2)  # revealed: builtins.int
reveal_type(Config(platform="dma-study").master3.traffic.rate)  # revealed: builtins.int
config.mmu.l2.entries = 256
config.mmu.l2.entries = "256"  # error: assignment
config.mmu.l2.entires = 256  # error: attr-defined
config.mmu = 5  # error: misc, assignment
config.mmx.l2  # error: attr-defined
config["mmu.l2.entries"] = 1.5  # error: assignment
Config(5)  # error: arg-type
Config("generic", "virt")  # error: misc
reveal_type(config.parameter("mmu.l2.entries").unit)  # revealed: builtins.str
reveal_type(config.digest())  # revealed: builtins.str
reveal_type(config.arguments())  # revealed: builtins.list[builtins.str]
reveal_type(config.copy())  # revealed: trapwalk.config.Config

vas = numpy.arange(10, dtype="u8")
mmu = Mmu(config)
reveal_type(mmu.translate(5).pa)  # revealed: Union[builtins.int, None]
reveal_type(mmu.translate(5).fault)  # revealed: trapwalk.mmu.Fault
reveal_type(mmu.translate(vas))  # revealed: numpy.ndarray[Any, numpy.dtype[Any]]
mmu.translate("x")  # error: call-overload
reveal_type(Tlb(16).access(5))  # revealed: builtins.bool
reveal_type(Tlb(16).access(vas))  # revealed: numpy.ndarray[Any, numpy.dtype[numpy.bool_]]
reveal_type(WalkCache(16).access(5))  # revealed: builtins.int
Tlb("16")  # error: arg-type
reveal_type(Smmu(tbus=2).translate(1, 5).ok)  # revealed: builtins.bool
Caches(config)  # error: call-arg

trace = Trace.open("x")
reveal_type(trace[5:10])  # revealed: numpy.ndarray[Any, numpy.dtype[Any]]
reveal_type(trapwalk.miss_curve(trace).misses(64))  # revealed: builtins.int
reveal_type(trapwalk.miss_shares([trace]).shares["VMID 1"].misses(64))  # revealed: builtins.int
reveal_type(trapwalk.replay(trace, config))  # revealed: trapwalk.results.Run
reveal_type(Kind.READ)  # revealed: Literal[trapwalk.trace.Kind.READ]?
reveal_type(trapwalk.replay([trace, trace]))  # revealed: trapwalk.results.Run
trapwalk.replay(5)  # error: arg-type
trapwalk.nothing  # error: attr-defined
'''


def test_mypy_finds_the_types_and_the_errors(tmp_path: pathlib.Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-m", "mypy", "--config-file", CHECKS, "--cache-dir", CACHE, program]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    found: dict[int, set[str]] = {}
    for line, kind, text in re.findall(r"program\.py:(\d+): (\w+): (.*)", done.stdout):
        if kind == "error":
            found.setdefault(int(line), set()).add("error: " + re.search(r"\[([\w-]+)\]$", text)[1])
        elif revealed := re.match(r'Revealed type is "(.*)"', text):
            found.setdefault(int(line), set()).add("revealed: " + revealed[1])
    expected: dict[int, set[str]] = {}
    for number, line in enumerate(PROGRAM.splitlines(), 1):
        if match := re.search(r"# (revealed|error): (.*)$", line):
            texts = [match[2]] if match[1] == "revealed" else match[2].split(", ")
            expected[number] = {f"{match[1]}: {text}" for text in texts}
    assert found == expected, done.stdout + done.stderr


def test_every_parameter_is_in_the_stub_with_its_description() -> None:
    stub = (PACKAGE / "_tree.pyi").read_text()
    for platform in ("virt", "dma-study"):
        for row in trapwalk.Config("generic" if platform == "virt" else "cortex-a57", platform=platform).parameters():
            assert row.is_default or row.set_by
            if row.is_default:
                assert repr(row.description()) in stub


def test_the_stub_of_the_module_has_what_the_module_has() -> None:
    CACHE.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "mypy.stubtest", "trapwalk._trapwalk", "--concise", "--mypy-config-file", CHECKS]
    done = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, env=ENVIRONMENT)
    lines = done.stdout.splitlines()
    # pybind11's classes have a metaclass of their own.
    assert "trapwalk._trapwalk.Mmu is inconsistent, metaclass differs" in lines, done.stdout + done.stderr
    assert [line for line in lines if not line.endswith("metaclass differs")] == []
