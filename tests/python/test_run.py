"""trapwalk.run: the same as the command, and nothing left behind however a run ends."""

import contextlib
import gc
import multiprocessing
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from reports import GUESTS, TRAPWALK, Recorded
from support import alive, children

import trapwalk

LONG = "speed"  # some seconds in functional fidelity


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A kernel that never ends."""
    path = tmp_path / "endless"
    path.write_bytes(struct.pack("<I", 0x1400_0000))  # b .
    return path


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files that must be empty in the end; and no child may be left."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    gc.collect()
    assert list(folder.iterdir()) == []
    assert not children()


def soon(condition: Callable[[], bool], seconds: float = 1500) -> bool:
    """`seconds`: then it hangs."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def remove_all(folder: Path) -> None:
    """Who is killed cannot tidy up."""
    for left in folder.iterdir():
        subprocess.run(["rm", "-r", left], check=True)


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Another program as the command; REPORT and STATUS are what it was given."""
    path = tmp_path / "trapwalk"
    path.write_text(
        f"#!{sys.executable}\nimport os, signal, subprocess, sys, time\n"
        "REPORT = next(word[9:] for word in sys.argv if word.startswith('--report='))\n"
        "STATUS = int(next(word[12:] for word in sys.argv if word.startswith('--status-fd=')))\n"
        + textwrap.dedent(body)
    )
    path.chmod(0o755)
    monkeypatch.setenv("TRAPWALK", str(path))


# ---- what it returns


def test_it_is_the_command(tagged: Recorded, tmp_path: Path) -> None:
    run = trapwalk.run(
        trapwalk.Config("cortex-a57"),
        kernel=GUESTS / "hypervisor_tagged.elf",
        fidelity="timed",
        keep_walks=5000,
        events=True,
        ghosts="tlb.l2=entries:64..4096,ways:4",
        reports=[tmp_path / "beside.html"],
    )
    assert run == tagged.run and run.console.replace("\r\n", "\n") == tagged.console
    run.save(tmp_path / "saved.json")
    assert (tmp_path / "saved.json").read_bytes() == tagged.path.read_bytes()
    assert (tmp_path / "beside.html").stat().st_size > 10_000
    assert run.arguments[0] == str(TRAPWALK) and run.name == "hypervisor_tagged.elf"


def test_a_full_disk_loses_no_run(tmp_path: Path) -> None:
    """What else could be written is there, and the Run."""
    full, fine = tmp_path / "full.json", tmp_path / "fine.txt"
    full.symlink_to("/dev/full")
    with pytest.raises(trapwalk.RunError, match="full.json: cannot be written") as caught:
        trapwalk.run(guest="hypervisor_tagged", fidelity="timed", max_instructions=20_000, reports=[full, fine])
    assert caught.value.run is not None
    assert f"{caught.value.run.metric('cycles'):,}" in fine.read_text()


def test_the_configuration_reaches_it() -> None:
    config = trapwalk.Config("cortex-a57", sets={"mmu.l2.entries": 256, "gic.cpus": 2})
    run = trapwalk.run(config, guest="hypervisor_tagged", max_instructions=200_000, name="small")
    assert run.name == "small"
    assert list(run.cores["cpu"]) == [0, 1]
    assert set(run.tlbs.loc[run.tlbs["name"] == "L2", "entries"]) == {256}
    one = trapwalk.run(config, guest="hypervisor_tagged", max_instructions=200_000, smp=1)
    assert list(one.cores["cpu"]) == [0]


def test_a_trace_is_recorded(tmp_path: Path) -> None:
    run = trapwalk.run(guest="speed_short", max_instructions=20_000, record=f"{tmp_path / 'speed.trace'},records=1000")
    trace = trapwalk.Trace.open(tmp_path / "speed.trace")
    assert len(trace) == 1000 and run.metric("instructions") >= 20_000


def test_without_a_core() -> None:
    config = trapwalk.Config(platform="dma-study", sets={"traffic.requests": 1000})
    run = trapwalk.run(config)
    assert run.cores.empty and run.smmu_streams["translations"].sum() == 1000
    text = run.summary()
    assert "1,000 translations" in text and "traps" not in text and "nan" not in text and "0.0 %" not in text
    assert "dma-study" in run._repr_html_()


def test_software_by_name_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, monkeypatch, "print(sys.argv[1:], file=sys.stderr); sys.exit(2)")
    with pytest.raises(trapwalk.ConfigError, match=r"--software=linux-arm64.*--until=login:.*--type=a=>b.*'-x'"):
        trapwalk.run(software="linux-arm64", until="login:", type="a=>b", arguments=["-x"])


def test_progress_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[trapwalk.Progress] = []
    run = trapwalk.run(guest="hypervisor_tagged", fidelity="timed", progress=seen.append, echo=True)
    assert len(seen) >= 2
    instructions = [p.instructions for p in seen]
    assert instructions == sorted(instructions) and instructions[-1] == run.metric("instructions")
    assert seen[-1].phase == "measured" and seen[-1].simulated_seconds == pytest.approx(run.metric("seconds"))
    # A fast machine is through before the first line that says where.
    assert all(re.fullmatch(r"(EL[0-3]( VMID \d+)?)?", p.where) for p in seen)
    assert capsys.readouterr().out == run.console != ""


def test_a_bar_shows_nothing_where_nobody_sees_it(capsys: pytest.CaptureFixture[str]) -> None:
    trapwalk.run(guest="speed_short", progress=True)
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal() -> None:
    import pty

    outer, inner = pty.openpty()
    program = "import trapwalk; trapwalk.run(guest='hypervisor_tagged', fidelity='timed')"
    shown = bytearray()

    def read() -> None:  # all the time: a full terminal makes its writer wait
        with contextlib.suppress(OSError):  # EIO: nobody writes any more
            while data := os.read(outer, 1 << 16):
                shown.extend(data)

    reader = threading.Thread(target=read)
    reader.start()
    subprocess.run([sys.executable, "-c", program], stderr=inner, check=True)
    os.close(inner)
    reader.join()
    os.close(outer)
    text = shown.decode()
    assert "hypervisor_tagged:" in text and "simulated" in text


def test_limits_and_milestones() -> None:
    run = trapwalk.run(guest=LONG, max_instructions=5_000_000)
    assert 5_000_000 <= run.metric("instructions") < 5_100_000 and run.metric("exit_status") == 3
    run = trapwalk.run(guest="speed_short", until="RESULT:")
    assert run.metric("exit_status") == 0 and "RESULT:" in run.console
    with pytest.raises(trapwalk.RunError, match="powered off before it printed 'never'") as raised:
        trapwalk.run(guest="speed_short", until="never")
    assert raised.value.status == 3 and raised.value.run is not None
    assert "RESULT: PASS" in raised.value.run.console
    assert trapwalk.run(guest="speed_short", until="never", check=False) == raised.value.run


def test_a_guest_that_fails() -> None:
    with pytest.raises(trapwalk.RunError, match="exit status 42"):
        trapwalk.run(guest="semihosting", semihosting=True)
    assert trapwalk.run(guest="semihosting", semihosting=True, check=False).metric("exit_status") == 42


# ---- what is wrong


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"guest": "hypervisor_taged"}, "hypervisor_taged.*did you mean hypervisor_tagged"),
        ({"kernel": "/absent/image"}, "/absent/image"),
        ({"guest": LONG, "smp": 99}, "--smp"),
        ({"guest": LONG, "fidelity": "tmed"}, "--fidelity"),
        ({"guest": LONG, "ghosts": ["tlb.l2"]}, "--ghost"),
        ({"guest": LONG, "reports": "x.pdf"}, "x.pdf"),
        ({"guest": LONG, "arguments": ["--no-such-option"]}, "no-such-option"),
        ({}, "nothing to run"),
    ],
)
def test_what_the_user_gets_wrong(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(trapwalk.ConfigError, match=message):
        trapwalk.run(**arguments)  # type: ignore[arg-type]


def test_an_unknown_argument_of_start() -> None:
    with pytest.raises(trapwalk.ConfigError, match="untill: trapwalk.start has.*until"):
        trapwalk.start(guest=LONG, untill="x")
    with pytest.raises(trapwalk.ConfigError, match="progress: trapwalk.start has"):  # of wait, as of run
        trapwalk.start(guest=LONG, progress=False)
    with pytest.raises(trapwalk.ConfigError, match="fidelty: trapwalk.Session has.*fidelity"):
        trapwalk.Session(guest=LONG, fidelty="timed")


def test_ghosts_are_those_of_a_replay_or_of_the_command() -> None:
    shapes = [("tlb.l2", 64, 4), ("tlb.l2", 128, 4), ("walk_cache", 16, 0)]
    texts = ["tlb.l2=entries:64..128,ways:4", "walk_cache=entries:16,ways:full"]
    a, b = (
        trapwalk.run(guest="hypervisor_tagged", max_instructions=200_000, ghosts=ghosts).ghosts for ghosts in (shapes, texts)
    )
    assert len(a) == 3 and a.equals(b)
    with pytest.raises(trapwalk.ConfigError, match=r"ghosts: .*not \('tlb.l2', 64\)"):
        trapwalk.run(guest=LONG, ghosts=[("tlb.l2", 64)])  # type: ignore[list-item]


def test_no_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRAPWALK", str(tmp_path / "absent"))
    with pytest.raises(trapwalk.Error, match=r"\$TRAPWALK.*absent"):
        trapwalk.run(guest=LONG)
    (tmp_path / "trapwalk").write_bytes(b"\x7fELF no program")
    (tmp_path / "trapwalk").chmod(0o755)
    monkeypatch.setenv("TRAPWALK", str(tmp_path / "trapwalk"))
    with pytest.raises(trapwalk.Error):
        trapwalk.run(kernel="x")
    monkeypatch.delenv("TRAPWALK")
    assert Path(trapwalk.command.command()).samefile(TRAPWALK)


# ---- how it ends


def test_a_killed_worker(endless: Path) -> None:
    pending = trapwalk.start(kernel=endless)
    assert soon(lambda: pending.progress().phase != "") and not pending.done
    os.kill(pending.pid, signal.SIGKILL)
    with pytest.raises(trapwalk.RunError, match="SIGKILL") as raised:
        pending.wait()
    assert raised.value.status == -signal.SIGKILL and raised.value.run is None
    with pytest.raises(trapwalk.RunError, match="SIGKILL"):  # and again
        pending.wait()


def test_a_timeout_keeps_what_was_measured(endless: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trapwalk.running.worker._GRACE", 1500.0)
    for seconds in (0.5, 8, 128):  # a slow machine has not begun after so short a time
        with pytest.raises(trapwalk.RunError, match=f"within {seconds} s") as raised:
            trapwalk.run(kernel=endless, timeout=seconds)
        if raised.value.run is not None and raised.value.run.metric("instructions") > 0:
            return
    pytest.fail("nothing was measured")


def test_a_worker_that_does_not_end_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It and its child are killed."""
    monkeypatch.setattr("trapwalk.running.worker._GRACE", 0.3)
    fake(
        tmp_path,
        monkeypatch,
        f"""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "3600"], preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN))
        open({str(tmp_path / "child")!r}, "w").write(str(child.pid))
        print("last words", file=sys.stderr, flush=True)
        time.sleep(3600)
        """,
    )
    for seconds in (1, 16, 256):  # a slow machine has not come to its last words after so short a time
        with pytest.raises(trapwalk.RunError, match=f"within {seconds} s") as raised:
            trapwalk.run(kernel="x", timeout=seconds)
        if raised.value.stderr:
            break
    assert raised.value.status == -signal.SIGKILL and raised.value.stderr == "last words"
    child = int((tmp_path / "child").read_text())
    assert soon(lambda: not alive(child))


def test_a_worker_that_talks_too_much_or_nonsense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(
        tmp_path,
        monkeypatch,
        """
        os.write(STATUS, b'{"instructions": 7}\\nno JSON\\n[1]\\n\\xff\\n{"phase": "measured", "el": 1, "vmid": 2}\\n{"instr')
        for i in range(40_000):
            print("x" * 100)
            print("line", i, file=sys.stderr)
        sys.exit(1)
        """,
    )
    seen: list[trapwalk.Progress] = []
    with pytest.raises(trapwalk.RunError, match="line 39999") as raised:
        trapwalk.run(kernel="x", progress=seen.append)
    assert raised.value.stderr.splitlines() == [f"line {i}" for i in range(39_980, 40_000)]
    assert raised.value.status == 1
    assert (seen[-1].instructions, seen[-1].phase, seen[-1].where) == (7, "measured", "EL1 VMID 2")


def test_a_damaged_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, monkeypatch, "open(REPORT, 'w').write('{')")
    with pytest.raises(trapwalk.ReportError):
        trapwalk.run(kernel="x")
    fake(tmp_path, monkeypatch, "sys.exit(0)")
    with pytest.raises(trapwalk.RunError, match="without a report"):
        trapwalk.run(kernel="x")


def test_whoever_raises_while_it_runs_ends_it(endless: Path) -> None:
    class Enough(Exception):
        pass

    seen: dict[int, str] = {}

    def listen(progress: trapwalk.Progress) -> None:
        if progress.where:
            seen.update(children())
            raise Enough(progress.where)

    with pytest.raises(Enough, match=r"^EL[0-3]$"):
        trapwalk.run(kernel=endless, progress=listen)
    assert list(seen.values()) == ["trapwalk"]
    assert not children()


def test_cancel_and_forget(endless: Path) -> None:
    pending = trapwalk.start(kernel=endless)
    pending.cancel()
    pending.cancel()
    assert pending.done and not alive(pending.pid)
    with pytest.raises(trapwalk.RunError, match="cancelled"):
        pending.wait()
    with trapwalk.start(kernel=endless) as held:
        assert alive(held.pid)
    assert not alive(held.pid)
    dropped = trapwalk.start(kernel=endless).pid
    gc.collect()
    assert soon(lambda: not alive(dropped))


def test_several_at_once() -> None:
    runs = [trapwalk.start(guest="speed_short", max_instructions=10_000_000 + i) for i in range(4)]
    results = [pending.wait() for pending in reversed(runs)]
    assert [run.metric("instructions") >= 10_000_000 for run in results] == [True] * 4
    again = [trapwalk.start(guest="hypervisor_tagged").wait() for _ in range(2)]
    assert again[0] == again[1]


def test_it_outlives_the_thread_that_started_it() -> None:
    started: list[trapwalk.Pending] = []
    thread = threading.Thread(target=lambda: started.append(trapwalk.start(guest="hypervisor_tagged")))
    thread.start()
    thread.join()
    assert started[0].wait().metric("exit_status") == 0


def in_a_fork(number: int) -> float:
    return trapwalk.run(guest="speed_short", progress=False).metric("instructions")


def test_in_a_process_that_was_forked() -> None:
    expected = trapwalk.run(guest="speed_short").metric("instructions")
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map_async(in_a_fork, range(4)).get() == [expected] * 4
        pool.close()
        pool.join()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_python_ends_before_the_run(number: signal.Signals, temporary: Path, endless: Path) -> None:
    program = f"import trapwalk; p = trapwalk.start(kernel={str(endless)!r}); print(p.pid, flush=True); p.wait()"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as python:
        assert python.stdout is not None and python.stderr is not None
        pid = int(python.stdout.readline())
        assert soon(lambda: alive(pid))
        python.send_signal(number)
        python.wait()
        assert soon(lambda: not alive(pid))
        if number == signal.SIGINT:
            assert b"KeyboardInterrupt" in python.stderr.read()
            assert list(temporary.iterdir()) == []
    remove_all(temporary)


def test_python_ends_before_the_run_can_notice(tmp_path: Path, temporary: Path, endless: Path) -> None:
    """Its parent is gone before setpriv has said that this is to be noticed."""
    slow = tmp_path / "setpriv"
    slow.write_text(
        f"#!/bin/sh\nuntil [ -e '{tmp_path}/gone' ]; do sleep 0.01; done\nPATH=${{PATH#*:}}\nexec setpriv \"$@\"\n"
    )
    slow.chmod(0o755)
    program = f"import trapwalk; p = trapwalk.start(kernel={str(endless)!r}); print(p.pid, flush=True); p.wait()"
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment) as python:
        assert python.stdout is not None
        pid = int(python.stdout.readline())
        python.kill()
        python.wait()
        (tmp_path / "gone").touch()
        assert soon(lambda: not alive(pid))
    remove_all(temporary)
