"""Runs under control: the guest of two VMs, and what the hypervisor and its guests do, seen step by step."""

import gc
import os
import random
import signal
import struct
import threading
from pathlib import Path
from typing import Any, Callable, Iterator

import numpy
import pytest
import trapwalk
from support import children, needs_command
from trapwalk import Session

pytestmark = needs_command
GUEST = "hypervisor_tagged"


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(guest=GUEST) as s:
        yield s


def loop_for_ever(session: Session) -> None:
    session.run_until(symbol="main")
    session.memory.write_int(0x1400_0000, 4, symbol="main")  # b .


def kill(session: Session) -> None:
    os.kill(session._worker.process.pid, signal.SIGKILL)


def test_it_stands_before_the_first_instruction(session: Session) -> None:
    assert session.stop.reason == "start"
    assert session.stop.instructions == 0 and session.stop.time == 0
    assert session.core().pc == session.stop.pc
    assert session.core().el == 2 and session.core().vmid is None
    assert session.cores == 1
    assert list(session.core().x) == [0] * 31


def test_steps_of_n_are_n_steps() -> None:
    chance = random.Random(4)
    with Session(guest=GUEST) as once, Session(guest=GUEST) as one_by_one:
        for _ in range(8):
            somewhere = chance.randint(1, 300_000)
            count = chance.randint(1, 60)
            for s in (once, one_by_one):
                s.run_until(instructions=somewhere)
            stop = once.step(count)
            for _ in range(count):
                last = one_by_one.step()
            assert stop == last
            assert stop.reason == "steps"
            assert once.core().registers() == one_by_one.core().registers()


@pytest.mark.parametrize("cpu", ["cortex-a53", "cortex-a72", "generic"])
def test_steps_after_an_instruction_that_took_no_cycle(cpu: str) -> None:
    """An out-of-order core has begun its first instruction in cycle 0."""
    with Session(trapwalk.Config(cpu), guest=GUEST, fidelity="timed") as s:
        stops = [s.step(), s.step(10), s.run_until(instructions=100)]
        assert [(stop.reason, stop.instructions) for stop in stops] == [("steps", 1), ("steps", 11), ("instructions", 111)]


def test_numbers_of_numpy_and_a_closed_session(session: Session) -> None:
    assert session.step(numpy.int64(3)).instructions == 3
    pc, time = session.stop.pc, session.stop.time
    assert session.memory.read(numpy.int32(4), va=numpy.uint64(pc)) == session.memory.read(4, va=pc)
    assert repr(session.stop) == (
        f"Stop(reason='steps', core=0, pc={pc:#x}, el=2, vmid=None, time={time}, instructions=3)"
    )
    with pytest.raises(trapwalk.SessionError, match="count: is not a number"):
        session.step(1.5)  # type: ignore[arg-type]
    assert session.step().instructions == 4
    session.close()
    for call in (session.step, session.core().registers, lambda: session.console.text):
        with pytest.raises(trapwalk.SessionError, match="the session is closed"):
            call()


def test_run_until_a_symbol_and_a_breakpoint(session: Session) -> None:
    main = session.symbol("main")
    stop = session.run_until(symbol="main")
    assert (stop.reason, stop.pc) == ("goal", main)
    step = session.step()
    assert step.pc != main
    point = session.breakpoint(address=step.pc + 4)
    assert point.hits == 0
    stop = session.run()
    assert (stop.reason, stop.breakpoint, stop.pc) == ("breakpoint", point.number, step.pc + 4)
    assert point.hits == 1
    point.delete()
    with pytest.raises(trapwalk.SessionError, match="no breakpoint"):
        point.hits
    with pytest.raises(trapwalk.SessionError, match="no breakpoint"):
        point.delete()


def test_a_watchpoint(session: Session) -> None:
    session.run_until(instructions=200_000)
    stack = session.core().sp
    point = session.watchpoint(address=stack - 4096, size=4096)
    stop = session.run()
    assert (stop.reason, stop.breakpoint, stop.write) == ("watchpoint", point.number, True)
    assert stop.address is not None and stack - 4096 - 16 < stop.address < stack
    assert point.hits == 1
    point.delete()
    point = session.watchpoint(address=stop.address, access="read")
    stop = session.run()
    assert (stop.reason, stop.write) == ("watchpoint", False)
    point.delete()
    assert session.run().reason == "ended"


def test_instructions_time_and_text(session: Session) -> None:
    stop = session.run_until(instructions=1234)
    assert (stop.reason, stop.instructions) == ("instructions", 1234)
    stop = session.run_until(time=stop.time + 1e-6)
    assert stop.reason == "time" and stop.time == pytest.approx(1234 * 0.5e-9 + 1e-6, abs=1e-9)
    stop = session.run_until(text="PASS hypercall.traps")
    assert stop.reason == "text"
    assert session.console.read().startswith("trapwalk hypervisor, mode tagged, 2 VMs")
    assert session.console.read() == ""
    assert "PASS hypercall.traps" in session.console.text


def test_goals_that_are_never_reached() -> None:
    """Added to where the run stood, they came round to what lay behind it."""
    with Session(guest=GUEST, max_instructions=5000) as s:
        s.step(10)
        assert s.run_until(instructions=2**64 - 1).reason == "ended"
    with Session(guest=GUEST, max_instructions=5000) as s:
        s.step(10)
        s._send("continue", simulated_ps=2**64 - 1)
        assert s.wait().reason == "ended"


def test_exceptions_to_el2_and_the_guest_behind_them(session: Session) -> None:
    vmids = set()
    stop = session.run_until(exceptions=2)
    while stop.reason == "exception" and len(vmids) < 2:
        assert stop.el == 2
        exception_class = session.core()["ESR_EL2"] >> 26
        assert exception_class == session.core()["esr_el2"] >> 26
        vmids.add(session.core()["VTTBR_EL2"] >> 48)
        vector = session.core()["VBAR_EL2"]
        assert vector <= stop.pc < vector + 0x800
        stop = session.run_until(exceptions=[2, 3])
    assert len(vmids) == 2


def test_registers_can_be_written(session: Session) -> None:
    core = session.core()
    core.x[3] = 0xFFFF_0000_1234_5678
    assert core.x[3] == core["x3"] == 0xFFFF_0000_1234_5678
    core["TPIDR_EL2"] = 77
    assert core["TPIDR_EL2"] == 77
    core.sp = 0x4100_0000
    assert core.registers()["sp"] == core.sp == 0x4100_0000
    target = session.symbol("main")
    core.pc = target
    stop = session.step()
    assert stop.pc == target + 4
    core.pstate = 0x3C5  # EL1h, all masked
    assert core.el == 1
    assert "HCR_EL2" in core.names()


def test_code_that_is_written_is_what_executes_next(session: Session) -> None:
    session.run_until(symbol="main")
    at = session.stop.pc
    session.memory.write(struct.pack("<II", 0xD2800FE7, 0xD503201F), va=at)  # mov x7, #0x7f; nop
    session.step()
    assert session.core().x[7] == 0x7F
    session.memory.write_int(0xD2801007, 4, va=at + 4)  # mov x7, #0x80
    session.step()
    assert session.core().x[7] == 0x80


def test_memory_through_the_guests_two_stages(session: Session) -> None:
    while session.run_until(exceptions=1).vmid is None:  # an exception that a guest takes itself
        pass
    guest_pc = session.stop.pc
    found = session.translate(guest_pc, access="fetch")
    assert found.pa is not None and found.ipa is not None and found.executable
    code = session.memory.read(64, va=guest_pc)
    assert code == session.memory.read(64, ipa=found.ipa) == session.memory.read(64, pa=found.pa)
    # Nested: each of n1 stage-1 descriptors costs a stage-2 walk of n2, and so does the result.
    n1 = sum(fetch.stage == 1 for fetch in found.walk)
    n2 = sum(fetch.stage == 2 and fetch.for_level is None for fetch in found.walk)
    assert n1 > 0 and n2 > 0
    assert len(found.walk) == (n1 + 1) * (n2 + 1) - 1
    for fetch in found.walk:
        assert session.memory.read_int(pa=fetch.address) == fetch.descriptor
    assert session.translate(ipa=found.ipa).pa == found.pa
    assert f"PA {found.pa:#x}" in str(found)
    # The hypervisor's own view is another one.
    assert session.memory.read(4, va=session.symbol("main"), el=2) == session.memory.read(4, symbol="main", el=2)


def test_a_translation_that_faults_is_a_result(session: Session) -> None:
    while session.run_until(exceptions=1).vmid is None:
        pass
    found = session.translate(0x7F_0000_0000)
    assert found.pa is None and found.fault == "Translation" and found.fault_stage in (1, 2)
    assert "Translation fault" in str(found)
    with pytest.raises(trapwalk.SessionError, match="Translation fault"):
        session.memory.read(8, va=0x7F_0000_0000)


def test_an_serror_is_taken(session: Session) -> None:
    session.run_until(symbol="main")
    core = session.core()
    core.pstate &= ~0x100  # PSTATE.A
    core["HCR_EL2"] |= 1 << 5  # AMO: an SError at EL2 is taken there
    session.serror()
    stop = session.run_until(exceptions=2, instructions=10)
    assert stop.reason == "exception"
    assert stop.pc == core["VBAR_EL2"] + 0x380  # current EL with SP_ELx, SError
    assert core["ESR_EL2"] >> 26 == 0x2F
    assert core["ELR_EL2"] == session.symbol("main")


def test_wires_and_pending_interrupts(session: Session) -> None:
    session.run_until(symbol="main")
    core = session.core()
    session.serror()
    assert core["ISR_EL1"] & 0x100  # ISR_EL1.A
    session.serror(False)
    assert not core["ISR_EL1"] & 0x100
    session.interrupt(50)
    assert session.memory.read_int(4, pa=0x0800_0204) & 1 << 18  # GICD_ISPENDR1
    session.interrupt(50, False)
    assert not session.memory.read_int(4, pa=0x0800_0204) & 1 << 18


@pytest.mark.parametrize("gic", [2, 3])
def test_a_virtual_interrupt_is_listed(gic: int) -> None:
    with Session(trapwalk.Config(sets={"gic.version": gic}), guest="exceptions") as s:
        s.virtual_interrupt(40, priority=0x80)
        if gic == 3:
            listed = s.core()["ICH_LR0_EL2"]
            assert listed & 0xFFFF_FFFF == 40 and listed >> 62 == 1 and listed >> 48 & 0xFF == 0x80
        else:
            listed = s.memory.read_int(4, pa=0x0803_0100)  # GICH_LR0
            assert listed & 0x3FF == 40 and listed >> 28 & 3 == 1 and listed >> 23 & 0x1F == 0x80 >> 3
        for intid in (41, 42, 43):
            s.virtual_interrupt(intid)
        with pytest.raises(trapwalk.SessionError, match="no empty list register"):
            s.virtual_interrupt(44)


def test_the_report_now_and_at_the_end_is_that_of_a_run(session: Session) -> None:
    session.run_until(instructions=1_000_000)
    half = session.report()
    assert half.report["run"]["stopped"] == "it goes on"
    assert sum(core["instructions"] for core in half.report["cores"]) == 1_000_000
    assert session.stop.instructions == 1_000_000  # it did not move
    stop = session.run()
    assert session.ended and stop.cause == "power-off" and stop.status == 0
    plain = trapwalk.run(guest=GUEST, progress=False)
    ours, theirs = session.report().report, plain.report
    assert ours == theirs


def test_after_the_end_there_is_only_looking(session: Session) -> None:
    stop = session.run()
    assert stop.reason == "ended" and stop.message == "the guest powered off"
    assert session.core().pc == stop.pc
    for go in (session.step, session.run):
        with pytest.raises(trapwalk.SessionError, match="the run has ended"):
            go()
    assert session.close() == 0


def test_limits_end_a_run_under_control() -> None:
    with Session(guest=GUEST, max_instructions=5000) as s:
        stop = s.run()
        assert (stop.reason, stop.cause, stop.instructions) == ("ended", "instruction-limit", 5000)


def test_bad_requests_leave_everything_as_it_is(session: Session) -> None:
    session.step(5)
    where = session.stop
    registers = session.core().registers()
    for refused, message in (
        (lambda: session.core()["HRC_EL2"], 'did you mean "HCR_EL2"'),
        (lambda: session.core()["hrc_el2"], 'did you mean "HCR_EL2"'),
        (lambda: session.core().__setitem__("MIDR_EL1", 0), "read-only"),
        (lambda: session.core().__setitem__("CNTV_CTL_EL0", 0), "takes time"),
        (lambda: session.core().__setitem__("pc", 2), "no legal pc"),
        (lambda: session.core().__setitem__("pstate", 0x1D0), "no legal pstate"),
        (lambda: session.core(1), "there are 0 to 0"),
        (lambda: session.symbol("mian"), 'did you mean "main"'),
        (lambda: session.breakpoint("mian"), 'did you mean "main"'),
        (lambda: session.breakpoint(address=2), "not at an instruction"),
        (lambda: session.run_until(symbol="mian"), 'did you mean "main"'),
        (lambda: session.run_until(time=0.0), "already"),
        (lambda: session.run_until(exceptions=7), "exceptions"),
        (lambda: session.run_until(text=""), "empty"),
        (lambda: session.step(0), "count"),
        (lambda: session.watchpoint(address=0, size=0), "bytes"),
        (lambda: session.watchpoint(address=0, access="wirte"), 'did you mean "write"'),
        (lambda: session.memory.read(8, pa=0x3_0000_0000), "nothing can be read"),
        (lambda: session.memory.read(2_000_000, pa=0x4000_0000), "up to 1048576"),
        (lambda: session.memory.write(b"abc", pa=0x0900_0000), "not RAM"),
        (lambda: session.memory.write(bytes(8192), pa=0x4000_0000 - 4096), "not RAM"),
        (lambda: session.translate(0, el=3), "no EL3"),
        (lambda: session.translate(0, access="raed"), 'did you mean "read"'),
        (lambda: session.interrupt(5), "not a PPI"),
        (lambda: session.interrupt(4000), "intid"),
    ):
        with pytest.raises(trapwalk.SessionError, match=message):
            refused()
    assert session.stop == where
    assert session.core().registers() == registers
    for wrong, error in (
        (lambda: session.core().x[31], IndexError),
        (lambda: session.memory.read(8), TypeError),
        (lambda: session.memory.read(8, va=0, pa=0), TypeError),
        (lambda: session.breakpoint(), TypeError),
        (lambda: session.translate(), TypeError),
    ):
        with pytest.raises(error):
            wrong()
    assert session.step().instructions == where.instructions + 1


def test_what_is_wrong_at_the_start_is_a_config_error() -> None:
    before = children()
    for arguments, message in (
        ({"kernel": "no-such-file"}, "no-such-file"),
        ({"guest": "hypervisr_tagged"}, "hypervisor_tagged"),
        ({"kernal": "x"}, "kernel"),
        ({"guest": GUEST, "timed_from": "symbol:mian"}, "main"),
    ):
        with pytest.raises(trapwalk.ConfigError, match=message):
            Session(**arguments)
    assert children() == before


def test_a_worker_that_is_killed_is_a_run_error() -> None:
    before = children()
    s = Session(guest=GUEST)
    s.step()
    kill(s)
    with pytest.raises(trapwalk.RunError, match="killed by signal 9") as error:
        s.step()
    assert error.value.status == -signal.SIGKILL
    assert children() == before  # no zombie
    assert s.close() == -signal.SIGKILL


def test_a_worker_that_is_killed_while_it_runs() -> None:
    before = children()
    with Session(guest=GUEST) as s:
        loop_for_ever(s)
        threading.Timer(0.3, lambda: kill(s)).start()
        with pytest.raises(trapwalk.RunError) as error:
            s.run()
        assert error.value.status == -signal.SIGKILL
    assert children() == before


def test_a_client_that_is_gone_ends_the_run_in_order(tmp_path: Path) -> None:
    before = children()
    report = tmp_path / "report.json"
    s = Session(guest=GUEST, reports=report)
    s.run_until(instructions=100_000)
    s._worker._socket.close()
    assert s._worker.process.wait(1500) == 130
    run = trapwalk.Run.load(report)
    assert run.report["run"]["stopped"] == "interrupted"
    s.close()
    assert children() == before


def test_nobody_holds_it_any_more() -> None:
    before = children()
    s = Session(guest=GUEST)
    s.step()
    del s
    gc.collect()
    assert children() == before


def test_close_writes_the_reports_and_can_be_repeated(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    s = Session(guest=GUEST, reports=report)
    s.step(10)
    assert s.close() == 0
    assert s.close() == 0
    assert repr(s) == "<session: closed>"
    assert trapwalk.Run.load(report).report["run"]["stopped"] == "the controlling process ended it"


def test_pause_of_a_run_that_goes_on() -> None:
    with Session(guest=GUEST) as s:
        loop_for_ever(s)
        s.start()
        assert s.wait(0.05) is None
        with pytest.raises(trapwalk.SessionError, match="goes on"):
            s.step()
        with pytest.raises(trapwalk.SessionError, match="goes on"):
            s.core().pc
        stop = s.pause()
        assert (stop.reason, stop.pc) == ("pause", s.symbol("main"))
        assert s.wait() == stop
        assert s.core().pc == stop.pc


def test_cores_show_themselves(session: Session) -> None:
    core = session.core()
    core.x[3] = 0xABC
    assert core.x[2:4] == [core.x[2], 0xABC] and core.x[-1:] == [core.x[30]]
    assert " x3=0xabc " in repr(core.x) and repr(core) == "<core 0: EL2 pc 0x40080000>"
    assert "HCR_EL2" in core._ipython_key_completions_()
    loop_for_ever(session)
    session.start()
    assert "the run goes on" in repr(core) and "the run goes on" in repr(core.x)
    session.close()
    assert "closed" in repr(core)


@pytest.mark.parametrize("running", [False, True])
def test_a_signal_ends_the_worker_in_order(running: bool) -> None:
    before = children()
    s = Session(guest=GUEST)
    if running:
        loop_for_ever(s)
        s.start()
    s._worker.process.send_signal(signal.SIGTERM)
    assert s._worker.process.wait(1500) == 130
    with pytest.raises(trapwalk.Error):
        s.step()
    s.close()
    assert children() == before


class Interrupted:
    """A socket; whoever first waits for what comes from it gets a Ctrl-C."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._is_first = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def recv(self, size: int) -> bytes:
        if self._is_first:
            self._is_first = False
            main = threading.main_thread().ident
            assert main is not None
            threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
        return bytes(self._socket.recv(size))


@pytest.mark.parametrize("going", [lambda s: s.run(), lambda s: s.run_until(time=1e6), lambda s: s.step(1 << 60)])
def test_after_ctrl_c_the_run_stands(going: Callable[[Session], object]) -> None:
    with Session(guest=GUEST) as s:
        loop_for_ever(s)
        s._worker._socket = Interrupted(s._worker._socket)  # type: ignore[assignment]
        with pytest.raises(KeyboardInterrupt):
            going(s)
        assert (s.stop.reason, s.stop.pc) == ("pause", s.symbol("main")) and s.core().pc == s.stop.pc
        assert s.stop.instructions > 0 and s.step().reason == "steps"


def test_after_ctrl_c_in_wait_the_run_goes_on() -> None:
    with Session(guest=GUEST) as s:
        loop_for_ever(s)
        s.start()
        s._worker._socket = Interrupted(s._worker._socket)  # type: ignore[assignment]
        with pytest.raises(KeyboardInterrupt):
            s.wait()
        with pytest.raises(trapwalk.SessionError, match="goes on"):
            s.core().pc
        assert s.pause().reason == "pause"


def test_typing_wakes_a_guest_that_waits() -> None:
    """U-Boot's prompt."""
    bios = Path("/usr/lib/u-boot/qemu_arm64/u-boot.bin")
    if not bios.exists():
        pytest.skip("u-boot-qemu is not installed")
    with Session(bios=bios) as s:
        assert s.run_until(text="Hit any key to stop autoboot").reason == "text"
        s.console.type("\n")
        assert s.run_until(text="=> ").reason == "text"
        s.console.type("version\n")
        assert s.run_until(text="GNU ld").reason == "text"
        assert "U-Boot 20" in s.console.text


def test_two_cores() -> None:
    with Session(guest="validation_ipi", smp=2) as s:
        assert s.cores == 2
        assert not s.core(1).state.powered
        with pytest.raises(trapwalk.SessionError, match="not powered"):
            s.step(core=1)
        while not s.core(1).state.powered:
            s.run_until(instructions=1000)
        stop = s.step(7, core=1)
        assert stop.core == 1 and stop.reason == "steps"
        before = s.core(1).state.instructions
        s.step(100, core=1)
        assert s.core(1).state.instructions == before + 100
        point = s.breakpoint(address=s.core(1).pc, core=0)  # of the other core: not here
        assert s.step(1, core=1).reason == "steps"
        point.delete()
