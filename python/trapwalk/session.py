"""A run under control: step by step, from place to place, with a look at everything in between."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Iterable, Optional

from trapwalk.config import Config
from trapwalk.control.values import PageWalk, Stop
from trapwalk.control.views import Breakpoint, Console, Core, Memory
from trapwalk.control.worker import Worker
from trapwalk.errors import SessionError
from trapwalk.files import PathLike
from trapwalk.results import Run
from trapwalk.running.options import Options
from trapwalk.running.pending import words_of

_PS = 1_000_000_000_000
_FIRST_SPI = 32


class Session:
    """A platform that stands before its first instruction, in a worker process of its own.

    What is measured of a run that is stepped, stopped and looked at is what is measured of the same run without all
    that, to the byte of its report; only what writes (registers, memory, interrupts, typing) makes another run of it.

        with trapwalk.Session(kernel="guest.elf") as s:
            s.run_until(symbol="main")
            s.step(10)
            print(s.core(0).x[0], s.core(0)["ESR_EL2"], s.translate(s.stop.pc, el=1))

    Errors: `SessionError` when a request is refused (the run stands where it stood); `RunError`, with exit status and
    the last lines of standard error, when the worker fails or is killed. After Ctrl-C in `run`, `run_until` or `step`
    the run stands where it was, as after `pause`, and can be looked at and go on.
    """

    def __init__(self, config: Optional[Config] = None, *, symbols: Optional[PathLike] = None, **software: Any) -> None:
        """Starts the worker, and returns when the run stands.

        Args:
            config: parameters; None: those of `trapwalk run`.
            symbols: an ELF or a System.map for names, in place of the ELF that runs.
            software: what `trapwalk.run` takes to say what runs and on which machine: `software`, `guest`, `kernel`, `smp`,
                `fidelity`, `timed_from`, `max_instructions`, `reports`, `arguments` … `until` and limits end the run.

        Raises:
            ConfigError: a parameter, an option or a file that is wrong.
        """
        words = words_of(config, Options.of(software, "trapwalk.Session"))
        words += ["--serial=none"] + ([f"--symbols={os.fspath(symbols)}"] if symbols is not None else [])
        self._worker = Worker(words)
        first = self._worker.first_line()
        self._stop = Stop.of(first)
        self._cores = int(first["cores"])
        self._going: int | None = None
        self.memory = Memory(self._worker)
        self.console = Console(self._worker)

    # ---- going on

    @property
    def stop(self) -> Stop:
        """Why and where the run stands, or stood last."""
        return self._stop

    @property
    def ended(self) -> bool:
        """The run has; its last state can still be looked at."""
        return self._stop.reason == "ended"

    def step(self, count: int = 1, *, core: int = 0) -> Stop:
        """Until `count` more instructions of this core have begun. The others run along as they would."""
        return self._go("step", count=count, core=core)

    def run(self) -> Stop:
        """Until a breakpoint or the end."""
        return self._go("continue")

    def run_until(
        self,
        *,
        symbol: str | None = None,
        address: int | None = None,
        core: int | None = None,
        text: str | None = None,
        instructions: int | None = None,
        time: float | None = None,
        exceptions: int | Iterable[int] | None = None,
    ) -> Stop:
        """Until one of these, a breakpoint, or the end; `stop.reason` says which.

        Args:
            symbol, address: before the instruction there is executed, by `core` or by any. From that very instruction,
                the next time.
            text: the serial line has printed this from now on.
            instructions: so many more of all cores.
            time: this simulated time, in seconds since the start.
            exceptions: one is taken to this exception level, or to one of these; at its vector.
        """
        self.start(
            symbol=symbol,
            address=address,
            core=core,
            text=text,
            instructions=instructions,
            time=time,
            exceptions=exceptions,
        )
        return self._stand()

    def start(
        self,
        *,
        symbol: str | None = None,
        address: int | None = None,
        core: int | None = None,
        text: str | None = None,
        instructions: int | None = None,
        time: float | None = None,
        exceptions: int | Iterable[int] | None = None,
    ) -> None:
        """As `run_until`, but returns at once: `wait()` or `pause()` come next."""
        self._send(
            "continue",
            symbol=symbol,
            address=address,
            core=core,
            text=text,
            instructions=instructions,
            simulated_ps=None if time is None else round(time * _PS),
            exceptions=[exceptions] if isinstance(exceptions, int) else None if exceptions is None else [*exceptions],
        )

    def wait(self, timeout: float | None = None) -> Stop | None:
        """Until the run stands, for `timeout` seconds of the host at most. None: it goes on."""
        if self._going is None:
            return self._stop
        return self._answer(timeout)

    def pause(self) -> Stop:
        """Stops a run that was started, at the next begin of a slice."""
        if self._going is not None:
            self._worker.ask("pause")
        stop = self.wait()
        assert stop is not None
        return stop

    # ---- looking

    @property
    def cores(self) -> int:
        return self._cores

    def core(self, number: int = 0) -> Core:
        """Registers and state of a core."""
        if not 0 <= number < self._cores:
            raise SessionError(f"core {number}: there are 0 to {self._cores - 1}")
        return Core(self._worker, number)

    def symbol(self, name: str) -> int:
        """The address of a name of the ELF that runs, or of `symbols`."""
        return int(self._worker.ask("symbol", name=name)["address"])

    def translate(
        self,
        va: int | None = None,
        *,
        ipa: int | None = None,
        el: int | None = None,
        core: int = 0,
        access: str = "read",
    ) -> PageWalk:
        """Where a virtual address (as `el` sees it, or the core where it is) or an IPA leads, with every descriptor.

        Args:
            access: "read", "write" or "fetch". A fault is a result, not an exception.
        """
        if (va is None) == (ipa is None):
            raise TypeError("one of va and ipa")
        return PageWalk.of(
            self._worker.ask(
                "translate",
                space="virtual" if ipa is None else "ipa",
                address=va if ipa is None else ipa,
                el=el,
                core=core,
                access=access,
            )
        )

    def report(self) -> Run:
        """The report as if the run ended now. It goes on."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "report.json"
            self._worker.ask("report", path=str(path))
            return Run.load(path)

    # ---- changing

    def breakpoint(
        self, symbol: str | None = None, *, address: int | None = None, core: int | None = None
    ) -> Breakpoint:
        """Stops the run before the instruction there, whenever a core (or this one) gets to it."""
        at = self._place(symbol, address)
        number = int(self._worker.ask("add-breakpoint", address=at, core=core)["number"])
        return Breakpoint(self._worker, number, at, core)

    def watchpoint(
        self,
        symbol: str | None = None,
        *,
        address: int | None = None,
        size: int = 8,
        access: str = "write",
        core: int | None = None,
    ) -> Breakpoint:
        """Stops the run behind an instruction of a core (or of this one) that touches these `size` bytes.

        Args:
            symbol, address: one of them; virtual.
            access: "write", "read" or "any". DMA and the walker's own accesses are not seen.
        """
        at = self._place(symbol, address)
        answer = self._worker.ask("add-watchpoint", address=at, bytes=size, access=access, core=core)
        return Breakpoint(self._worker, int(answer["number"]), at, core)

    def interrupt(self, intid: int, level: bool = True, *, core: int = 0) -> None:
        """The level of an interrupt's wire: of an SPI (INTID 32 and up), or of a PPI (16 to 31) of `core`.

        A device that has the same wire may change it again.
        """
        kind = "spi" if intid >= _FIRST_SPI else "ppi"
        self._worker.ask("interrupt", kind=kind, intid=intid, level=level, core=core)

    def virtual_interrupt(self, intid: int, *, priority: int = 0xA0, core: int = 0) -> None:
        """Makes a virtual interrupt pending for the guest, in an empty list register of the core's hypervisor interface."""
        self._worker.ask("interrupt", kind="virtual", intid=intid, priority=priority, core=core)

    def serror(self, pending: bool = True, *, core: int = 0) -> None:
        """Makes an SError pending, or takes it back."""
        self._worker.ask("interrupt", kind="serror", level=pending, core=core)

    # ---- the end

    def close(self) -> int:
        """Ends the run and the worker; more than once is fine. The worker's exit status."""
        if self._worker.process.returncode is None:
            try:
                self._worker.send("quit")
            except Exception:  # it is gone already
                pass
        return self._worker.end()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._worker.process.returncode is not None:
            return "<session: closed>"
        return "<session: the run goes on>" if self._going is not None else f"<session: {self._stop}>"

    def _place(self, symbol: str | None, address: int | None) -> int:
        if symbol is not None and address is None:
            return self.symbol(symbol)
        if address is not None and symbol is None:
            return address
        raise TypeError("one of symbol and address")

    def _send(self, name: str, /, **members: object) -> None:
        if self._going is not None:
            raise SessionError(f"{name}: the run goes on; wait for it, or pause it")
        self._going = self._worker.send(name, **members)

    def _answer(self, timeout: float | None) -> Stop | None:
        assert self._going is not None
        try:
            answer = self._worker.answer(self._going, timeout)
        except Exception:
            self._going = None
            raise
        if answer is None:
            return None
        self._going = None
        self._stop = Stop.of(answer)
        return self._stop

    def _stand(self) -> Stop:
        """Until the run stands, if need be because of Ctrl-C."""
        try:
            stop = self.wait()
        except KeyboardInterrupt:
            self.pause()
            raise
        assert stop is not None
        return stop

    def _go(self, name: str, /, **members: object) -> Stop:
        self._send(name, **members)
        return self._stand()
