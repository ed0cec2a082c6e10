"""Seconds of a sweep of 200 points over a trace of five million references, by all processors of the host.

A recorded program: 600,000 accesses of a compiler, again and again; and Debian's Linux while a shell works, EL0 and EL1, all
2.9 million records of traces/linux-shell.trace once and then from the front. Beside them a tenth of the points with loads of random
pages, where most translations walk, which is the worst there is. At the end the same sweep from its store. Needs the
Python package; says so when it is not there.

Usage: sweep_speed.py BUILD_FOLDER
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

REFERENCES, GOAL = 5_000_000, 120
SIZES = [64 << n for n in range(10)]
WAYS = [1, 2, 4, 8]
POLICIES = ["lru", "plru", "fifo", "random", "default"]
RANDOM_PAGES = 4096
TRACES = pathlib.Path(__file__).resolve().parents[1] / "traces"


def main() -> None:
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release").resolve()
    sys.path.insert(0, str(build / "python"))
    os.environ.setdefault("TRAPWALK", str(build / "bin" / "trapwalk"))
    try:
        from trapwalk import Config, sweep
    except ImportError as error:
        print(f"bench: no sweeps: {error}")
        return
    every = {"mmu.l2.entries": SIZES, "mmu.l2.ways": WAYS, "mmu.l2.policy": POLICIES}
    tenth = {"mmu.l2.entries": SIZES, "mmu.l2.ways": WAYS[1:3]}
    with tempfile.TemporaryDirectory() as folder:
        trace = pathlib.Path(folder) / "trace"
        for name, make, parameters, goal in (
            ("program", lambda: imported(program(), trace), every, f"(goal {GOAL} s)"),
            ("Linux", lambda: linux(trace), every, f"(goal {GOAL} s)"),
            ("random pages", lambda: imported(random_pages(), trace), tenth, ""),
        ):
            store = pathlib.Path(folder) / f"{name}.sqlite"
            make()
            seconds = []
            for _ in range(2):
                begin = time.perf_counter()
                done = sweep(Config("cortex-a72"), parameters, trace=trace, store=store, progress=False)
                seconds.append(time.perf_counter() - begin)
            if not done.failures.empty:
                sys.exit(f"bench: {done}\n{done.failures}")
            rate = len(done) * REFERENCES / seconds[0] / 1e6
            print(
                f"sweep, {name:13} {len(done)} points x {REFERENCES / 1e6:.0f} M references {seconds[0]:6.1f} s  "
                f"{goal}  {rate:.1f} M references a second; again from its store {seconds[1]:.1f} s",
                flush=True,
            )


def imported(text: str, trace: pathlib.Path) -> None:
    source = trace.with_name("source")
    source.write_text(text)
    words = [os.environ["TRAPWALK"], "import", "lackey", str(source), str(trace)]
    subprocess.run(words, check=True, capture_output=True)


def linux(trace: pathlib.Path) -> None:
    import numpy
    from trapwalk import Trace

    recorded = Trace.open(TRACES / "linux-shell.trace")
    records = recorded[:]
    Trace.from_records(numpy.resize(records, REFERENCES), has_ipa=recorded.has_ipa, has_pa=recorded.has_pa).write(trace)


def program() -> str:
    packed = TRACES / "cc1.lackey.zst"
    text = subprocess.run(["zstd", "-dcq", str(packed)], check=True, capture_output=True, text=True).stdout
    accesses = [line for line in text.splitlines(keepends=True) if not line.startswith("==")]
    return "".join((accesses * (REFERENCES // len(accesses) + 1))[:REFERENCES])


def random_pages() -> str:
    source = random.Random(1)
    return "".join(f" L {0x400000 + source.randrange(RANDOM_PAGES) * 4096:08x},8\n" for _ in range(REFERENCES))


main()
