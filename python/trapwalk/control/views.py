"""What can be reached in a run that stands: cores, memory, the console, breakpoints."""

from __future__ import annotations

from typing import Iterator, overload

from trapwalk.control.values import CoreState
from trapwalk.control.worker import Worker
from trapwalk.errors import Error, SessionError

_GENERAL_REGISTERS = 31


class GeneralRegisters:
    """x0 to x30 of a core, as a sequence of integers that can be assigned."""

    def __init__(self, worker: Worker, core: int) -> None:
        self._worker = worker
        self._core = core

    def __len__(self) -> int:
        return _GENERAL_REGISTERS

    def __iter__(self) -> Iterator[int]:
        values = self._worker.ask("registers", core=self._core)
        return iter([int(values[f"x{n}"]) for n in range(_GENERAL_REGISTERS)])

    @overload
    def __getitem__(self, n: int) -> int: ...
    @overload
    def __getitem__(self, n: slice) -> list[int]: ...
    def __getitem__(self, n: int | slice) -> int | list[int]:
        if isinstance(n, slice):
            return list(self)[n]
        return int(self._worker.ask("registers", core=self._core, name=_name(n))[_name(n)])

    def __setitem__(self, n: int, value: int) -> None:
        self._worker.ask("set-register", core=self._core, name=_name(n), value=value)

    def __repr__(self) -> str:
        try:
            return f"<core {self._core}: {' '.join(f'x{n}={value:#x}' for n, value in enumerate(self))}>"
        except Error as error:
            return f"<core {self._core}: {error}>"


class Core:
    """One core. What is read is what the core would read now, without effects; what is written has the effect of an MSR.

    `SessionError` names what is wrong: a register that does not exist (with the nearest name), is read-only, or lives in
    a device; a core that is inside an instruction.
    """

    def __init__(self, worker: Worker, number: int) -> None:
        self._worker = worker
        self.number = number

    @property
    def x(self) -> GeneralRegisters:
        return GeneralRegisters(self._worker, self.number)

    def __getitem__(self, name: str) -> int:
        """A register by Arm's name: "pc", "sp", "pstate", "x7", "HCR_EL2" …"""
        return int(self._worker.ask("registers", core=self.number, name=name)[name])

    def __setitem__(self, name: str, value: int) -> None:
        self._worker.ask("set-register", core=self.number, name=name, value=value)

    @property
    def pc(self) -> int:
        return self["pc"]

    @pc.setter
    def pc(self, value: int) -> None:
        self["pc"] = value

    @property
    def sp(self) -> int:
        """The current stack pointer."""
        return self["sp"]

    @sp.setter
    def sp(self, value: int) -> None:
        self["sp"] = value

    @property
    def pstate(self) -> int:
        """As SPSR_ELx has it."""
        return self["pstate"]

    @pstate.setter
    def pstate(self, value: int) -> None:
        self["pstate"] = value

    @property
    def state(self) -> CoreState:
        """Where the core is, with its instructions, cycles and simulated time so far."""
        return CoreState.of(self._worker.ask("state", core=self.number))

    @property
    def el(self) -> int:
        """Exception level, 0 to 3."""
        return self.state.el

    @property
    def vmid(self) -> int | None:
        """Of the guest that runs; None: none does."""
        return self.state.vmid

    def registers(self) -> dict[str, int]:
        """x0 to x30, sp, pc and pstate."""
        return {name: int(value) for name, value in self._worker.ask("registers", core=self.number).items()}

    def names(self) -> list[str]:
        """All registers that this class knows."""
        return list(self._worker.ask("register-names")["names"])

    def _ipython_key_completions_(self) -> list[str]:
        return self.names()

    def __repr__(self) -> str:
        try:
            state = self.state
        except Error as error:  # the run goes on, or has ended
            return f"<core {self.number}: {error}>"
        guest = "" if state.vmid is None else f" VMID {state.vmid}"
        return f"<core {self.number}: EL{state.el}{guest} pc {state.pc:#x}>"


class Memory:
    """Memory, seen through the translation tables as they are now; TLBs are neither asked nor told.

    An address is one of `va` (as exception level `el` of core `core` sees it; by default where the core is), `ipa` (of
    the guest whose stage 2 the core has), `pa`, or `symbol` (a virtual one). `SessionError` where it does not translate
    or nothing is there.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def read(
        self,
        length: int,
        *,
        va: int | None = None,
        ipa: int | None = None,
        pa: int | None = None,
        symbol: str | None = None,
        core: int = 0,
        el: int | None = None,
    ) -> bytes:
        """`length` bytes, 1 MB at most. Devices answer without effects."""
        space, address = _address(va, ipa, pa, symbol)
        return bytes.fromhex(
            self._worker.ask(
                "read-memory", space=space, address=address, symbol=symbol, core=core, el=el, bytes=length
            )["data"]
        )

    def write(
        self,
        data: bytes,
        *,
        va: int | None = None,
        ipa: int | None = None,
        pa: int | None = None,
        symbol: str | None = None,
        core: int = 0,
        el: int | None = None,
    ) -> None:
        """All of `data`, or nothing; into RAM."""
        space, address = _address(va, ipa, pa, symbol)
        self._worker.ask(
            "write-memory", space=space, address=address, symbol=symbol, core=core, el=el, data=bytes(data).hex()
        )

    def read_int(
        self,
        size: int = 8,
        *,
        va: int | None = None,
        ipa: int | None = None,
        pa: int | None = None,
        symbol: str | None = None,
        core: int = 0,
        el: int | None = None,
    ) -> int:
        """`size` bytes as a little-endian number."""
        return int.from_bytes(self.read(size, va=va, ipa=ipa, pa=pa, symbol=symbol, core=core, el=el), "little")

    def write_int(
        self,
        value: int,
        size: int = 8,
        *,
        va: int | None = None,
        ipa: int | None = None,
        pa: int | None = None,
        symbol: str | None = None,
        core: int = 0,
        el: int | None = None,
    ) -> None:
        """The reverse of `read_int`. `OverflowError` when `value` does not fit."""
        self.write(value.to_bytes(size, "little"), va=va, ipa=ipa, pa=pa, symbol=symbol, core=core, el=el)


class Console:
    """The serial line."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._text = ""

    @property
    def text(self) -> str:
        """All that the guest has printed so far."""
        self.read()
        return self._text

    def read(self) -> str:
        """What the guest has printed since this was last called."""
        new = str(self._worker.ask("console")["text"])
        self._text += new
        return new

    def type(self, text: str) -> None:
        """Types `text`, which the guest gets at the pace of the line."""
        self._worker.ask("type", text=text)


class Breakpoint:
    """Stops the run before the instruction at a virtual address is executed; a watchpoint, behind one that touches data."""

    def __init__(self, worker: Worker, number: int, address: int, core: int | None) -> None:
        self._worker = worker
        self.number = number
        self.address = address
        self.core = core

    @property
    def hits(self) -> int:
        """How often it has stopped the run. `SessionError` when it was deleted."""
        for row in self._worker.ask("breakpoints")["breakpoints"]:
            if row["number"] == self.number:
                return int(row["hits"])
        raise SessionError(f"there is no breakpoint {self.number} any more")

    def delete(self) -> None:
        """It stops nothing any more."""
        self._worker.ask("delete-breakpoint", number=self.number)

    def __repr__(self) -> str:
        return f"<breakpoint {self.number} at {self.address:#x}>"


def _name(n: int) -> str:
    if not 0 <= n < _GENERAL_REGISTERS:
        raise IndexError(f"x{n}: there are x0 to x{_GENERAL_REGISTERS - 1}")
    return f"x{n}"


def _address(va: int | None, ipa: int | None, pa: int | None, symbol: str | None) -> tuple[str, int | None]:
    given = [(space, at) for space, at in (("virtual", va), ("ipa", ipa), ("physical", pa)) if at is not None]
    if len(given) + (symbol is not None) != 1:
        raise TypeError("one of va, ipa, pa and symbol")
    return given[0] if given else ("virtual", None)
