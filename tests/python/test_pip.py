"""`pip install --no-build-isolation .` into an environment of its own, and `cmake --install`."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["TRAPWALK_BUILD"])

USE = """
import json, pathlib, sys, numpy, trapwalk
from trapwalk.command import command
package = pathlib.Path(trapwalk.__file__).parent
trace = trapwalk.Trace.from_arrays(numpy.arange(5000, dtype="u8") * 64)
print(json.dumps({
    "package": str(package), "command": command(), "version": trapwalk.__version__,
    "files": sorted(path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()),
    "pages": trapwalk.miss_curve(trace).pages,
    "guests": trapwalk.guests(), "guest": str(trapwalk.guest("exceptions")),
    "ends": trapwalk.run(guest="exceptions").metric("exit_status"),
}))
"""

# Nothing of the build folder's package.
CLEAN = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "TRAPWALK", "DESTDIR")}
# Nor a sanitizer's library, with which no linker works (python/CMakeLists.txt).
BUILDING = {key: value for key, value in CLEAN.items() if key != "LD_PRELOAD"}


def use(python: pathlib.Path | str, **environment: str) -> dict:
    done = subprocess.run([python, "-c", USE], cwd="/", env={**CLEAN, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def sources() -> set[str]:
    folder = ROOT / "python" / "trapwalk"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in (".py", ".pyi", ".typed")}


def built_guests() -> list[str]:
    return sorted(path.stem for path in (BUILD / "guests").glob("*.elf"))


def generated() -> list[pathlib.Path]:
    """What setuptools leaves in the source tree if it is let."""
    return [path for pattern in ("*.egg-info", "python/*.egg-info", "build/lib*", "build/bdist*") for path in ROOT.glob(pattern)]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("pip") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", "--without-pip", folder], check=True)
    interpreter = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--isolated", "--python", interpreter, "install", "--no-build-isolation", "--no-index", "."]
    done = subprocess.run(install, cwd=ROOT, env=BUILDING, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert generated() == []
    return interpreter


def test_the_wheel_has_everything(python: pathlib.Path) -> None:
    found = use(python)
    package = pathlib.Path(found["package"])
    assert package.is_relative_to(python.parents[1]) and found["pages"] == 79
    files = set(found["files"])
    assert sources() <= files and {"_tree.pyi", "py.typed", "bin/trapwalk"} <= files
    assert found["command"] == str(package / "bin" / "trapwalk")
    assert found["guest"] == str(package / "guests" / "exceptions.elf")
    assert found["guests"] == built_guests() and found["ends"] == 0


def test_the_command_of_the_wheel_runs(python: pathlib.Path) -> None:
    script = python.parent / "trapwalk"
    listed = subprocess.run([script, "parameters", "mmu.l2.entries"], env=CLEAN, capture_output=True, text=True)
    assert listed.returncode == 0, listed.stderr
    assert "mmu.l2.entries" in listed.stdout
    assert subprocess.run([script, "nonsense"], env=CLEAN, capture_output=True).returncode == 2


def test_an_installed_package_is_typed(python: pathlib.Path, tmp_path: pathlib.Path) -> None:
    program = tmp_path / "program.py"
    program.write_text('import trapwalk\nreveal_type(trapwalk.Config().mmu.l2.entries)\n')
    check = [sys.executable, "-m", "mypy", "--python-executable", python, "--cache-dir", tmp_path / "cache", "--ignore-missing-imports", program]
    done = subprocess.run(check, cwd=tmp_path, env=CLEAN, capture_output=True, text=True)
    assert 'Revealed type is "builtins.int"' in done.stdout, done.stdout + done.stderr


def test_cmake_installs_the_package(tmp_path: pathlib.Path) -> None:
    done = subprocess.run(["cmake", "--install", BUILD, "--prefix", tmp_path], env=CLEAN, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (packages,) = tmp_path.glob("lib/python3*/dist-packages")
    found = use(sys.executable, PYTHONPATH=str(packages), PYTHONDONTWRITEBYTECODE="1")
    assert found["package"] == str(packages / "trapwalk") and sources() <= set(found["files"])
    assert found["command"] == str(tmp_path / "bin" / "trapwalk")
    assert found["guest"] == str(tmp_path / "share" / "trapwalk" / "guests" / "exceptions.elf")
    assert found["guests"] == built_guests() and found["ends"] == 0
    # The installed command finds the installed package by itself; no PYTHONPATH leads to it.
    help_ = subprocess.run([tmp_path / "bin" / "trapwalk", "sweep", "--help"], cwd="/", env=CLEAN, capture_output=True, text=True)
    assert help_.returncode == 0 and "STUDY.toml" in help_.stdout, help_.stderr
    assert sorted(path.name for path in (tmp_path / "share" / "trapwalk" / "guests").iterdir()) == [f"{name}.elf" for name in built_guests()]
