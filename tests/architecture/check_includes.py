#!/usr/bin/env python3
"""Holds the one direction of dependency (docs/ARCHITECTURE.md).

A core includes no SystemC; a block includes no neighbour; only what stands below may be included.
Usage: check_includes.py ROOT            checks ROOT/models, exit status 1 when a rule is broken
       check_includes.py --self-test     feeds itself broken trees and fails unless each is caught
"""
import pathlib
import re
import sys
import tempfile

BLOCKS = ["cpu", "mmu", "cache", "gic", "smmu", "timer", "interconnect", "memory", "devices"]
BELOW = {
    "base": [],
    "trace": ["base"],
    "cost": ["base"],
    "arm": ["base", "cost"],
    "vmsa": ["base", "cost", "arm"],
    "tlm": ["base", "cost", "arm", "vmsa"],
    **{block: ["base", "cost", "arm", "vmsa"] for block in BLOCKS},
}
# A rule's exceptions, "file -> room": each with its reason beside it. A stale entry is an error.
EXCEPTIONS: dict[str, str] = {}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def complaints(root: pathlib.Path, exceptions: dict[str, str]) -> list[str]:
    found, used = [], set()
    for path in sorted((root / "models").rglob("*")):
        if path.suffix not in (".cpp", ".hpp", ".h", ".inc", ".def"):
            continue
        name = path.relative_to(root / "models").as_posix()
        room = name.split("/")[0]
        shell = room == "tlm" or "/tlm/" in name
        if room not in BELOW:
            found.append(f"{name}: unknown room '{room}'")
            continue
        for kind, target in INCLUDE.findall(path.read_text()):
            if kind == "<":
                if re.match(r"(systemc|tlm|sysc|tlm_)", target) and not shell:
                    found.append(f"{name}: a core includes <{target}>; only tlm/ shells may")
                continue
            to = target.split("/")[0]
            allowed = to == room or to in BELOW[room] or (shell and to == "tlm")
            if not allowed:
                key = f"{name} -> {to}"
                if key in exceptions:
                    used.add(key)
                else:
                    found.append(f"{name}: includes \"{target}\"; {room} may include only {', '.join(BELOW[room]) or 'nothing'}")
            if "/tlm/" in target and not shell:
                found.append(f"{name}: a core includes the shell \"{target}\"")
    found += [f"stale exception: {key}" for key in exceptions if key not in used]
    return found


def self_test() -> int:
    broken = {
        "models/gic/gic.cpp": "#include <systemc>\n",
        "models/mmu/mmu.hpp": '#include "cpu/cpu.hpp"\n',
        "models/base/types.hpp": '#include "arm/sysregs.hpp"\n',
        "models/cpu/cpu.cpp": '#include "cpu/tlm/cpu_module.hpp"\n',
        "models/attic/x.cpp": "",
    }
    for name, text in broken.items():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True)
            path.write_text(text)
            if len(complaints(pathlib.Path(folder), {})) != 1:
                print(f"self-test: {name} with {text!r} was not caught")
                return 1
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "models").mkdir()
        if complaints(pathlib.Path(folder), {"mmu/a.cpp -> cpu": "gone"}) == []:
            print("self-test: a stale exception was not caught")
            return 1
    return 0


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    found = complaints(pathlib.Path(sys.argv[1]), EXCEPTIONS)
    print("\n".join(found) or "one direction of dependency: holds")
    return 1 if found else 0


sys.exit(main())
