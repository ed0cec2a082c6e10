"""Worker processes of this machine, supervised here: one that is killed costs its point, not the pool.

(`concurrent.futures` gives up all of a pool when one of its processes dies.) Workers are forked, so whatever the
parent has loaded is theirs without a copy; the files that it has open are not. Each leads a process group of its own:
what it starts ends with it, and a Ctrl-C at the terminal reaches the parent alone. All of them hold the end of one
pipe, the lifeline, and end when the parent does, however it ended.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import connection
from types import TracebackType

from trapwalk.errors import Error
from trapwalk.sweeps.outcome import DONE, FAILED, KILLED, TIMEOUT, Outcome

# Computes the points with these numbers and yields number and outcome of each as soon as it has it. A group of more
# than one point is one that shares something, such as a boot whose state is forked for each.
Compute = Callable[[Sequence[int]], Iterator[tuple[int, Outcome]]]


def one_by_one(report_of: Callable[[int], str]) -> Compute:
    """Points that share nothing: `report_of(number)` is a point's report; an exception is a failed point."""

    def compute(numbers: Sequence[int]) -> Iterator[tuple[int, Outcome]]:
        for number in numbers:
            begin = time.perf_counter()
            try:
                report = report_of(number)
            except Exception as error:
                yield number, Outcome(FAILED, message_of(error), seconds=time.perf_counter() - begin)
            else:
                yield number, Outcome(DONE, report=report, seconds=time.perf_counter() - begin)

    return compute


def message_of(error: BaseException) -> str:
    """Trapwalk's own errors as they are; the name of any other before it."""
    return str(error) if isinstance(error, Error) else f"{type(error).__name__}: {error}"


class _Worker:
    """A process and the group that it has."""

    def __init__(self, compute: Compute, lifeline: tuple[int, int], timeout: float | None) -> None:
        self.group: deque[int] = deque()
        self._timeout = timeout
        self.since = 0.0
        self.connection, theirs = connection.Pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _serve(theirs, lifeline, compute)
        theirs.close()
        try:
            os.setpgid(self.pid, self.pid)  # here too: whoever comes first
        except OSError:
            pass

    def give(self, group: Sequence[int]) -> None:
        """Raises OSError when the worker is dead."""
        self.connection.send(list(group))
        self.group = deque(group)
        self.since = time.monotonic()

    def deadline(self) -> float | None:
        return self.since + self._timeout if self.group and self._timeout is not None else None

    def end(self) -> int:
        """Kills what is left of it, waits for it, and returns its wait status."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except OSError:
            pass
        self.connection.close()
        return os.waitpid(self.pid, 0)[1]


class Pool:
    """`workers` processes. Use it as a context manager; leaving it ends them all."""

    def __init__(self, compute: Compute, workers: int, timeout: float | None = None) -> None:
        """`timeout`: seconds a point may take."""
        self._compute = compute
        self._count = workers
        self._timeout = timeout
        self._workers: list[_Worker] = []
        self._lifeline = os.pipe()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends all workers and waits for them; what they had not finished is lost."""
        with _no_ctrl_c():
            while self._workers:
                self._workers.pop().end()
            for end in self._lifeline:
                if end >= 0:
                    os.close(end)
            self._lifeline = (-1, -1)

    def run(self, groups: Sequence[Sequence[int]]) -> Iterator[tuple[int, Outcome]]:
        """Computes all points of all groups; yields number and outcome of each as they come."""
        waiting = deque(group for group in groups if group)
        while waiting or any(worker.group for worker in self._workers):
            self._hand_out(waiting)
            for worker in self._ready():
                yield from self._receive(worker, waiting)
            for worker in [each for each in self._workers if _is_late(each)]:
                yield self._give_up(worker, waiting, Outcome(TIMEOUT, f"took more than {self._timeout:g} s"))

    def _hand_out(self, waiting: deque[Sequence[int]]) -> None:
        idle = [worker for worker in self._workers if not worker.group]
        deaths = 0
        while waiting:
            if not idle:
                if len(self._workers) >= self._count:
                    return
                with _no_ctrl_c():  # a worker that nobody knows of, or one that runs on with the parent's stack
                    self._workers.append(_Worker(self._compute, self._lifeline, self._timeout))
                idle.append(self._workers[-1])
            worker = idle.pop()
            try:
                worker.give(waiting[0])
            except OSError:  # it died while it had nothing to do
                self._workers.remove(worker)
                worker.end()
                deaths += 1
                if deaths > 3 + self._count:
                    raise Error("worker processes die before they begin") from None
                continue
            waiting.popleft()

    def _ready(self) -> list[_Worker]:
        busy = {worker.connection: worker for worker in self._workers if worker.group}
        deadlines = [deadline for worker in busy.values() if (deadline := worker.deadline()) is not None]
        patience = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
        return [
            busy[ready] for ready in connection.wait(list(busy), patience) if isinstance(ready, connection.Connection)
        ]

    def _receive(self, worker: _Worker, waiting: deque[Sequence[int]]) -> Iterator[tuple[int, Outcome]]:
        try:
            number: int
            outcome: Outcome
            number, outcome = worker.connection.recv()
        except (EOFError, OSError):
            yield self._give_up(worker, waiting, None)
            return
        worker.since = time.monotonic()
        worker.group.remove(number)
        yield number, outcome

    def _give_up(self, worker: _Worker, waiting: deque[Sequence[int]], outcome: Outcome | None) -> tuple[int, Outcome]:
        """The first point that it has not answered has this outcome (none: it died); the rest of its group waits for
        another worker."""
        seconds = time.monotonic() - worker.since
        self._workers.remove(worker)
        status = worker.end()
        number = worker.group.popleft()
        if worker.group:
            waiting.appendleft(tuple(worker.group))
        if outcome is None:
            outcome = Outcome(KILLED, _death(status))
        return number, Outcome(outcome.status, outcome.message, "", seconds)


def _is_late(worker: _Worker) -> bool:
    deadline = worker.deadline()
    return deadline is not None and time.monotonic() >= deadline and not worker.connection.poll()


def _death(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"the worker process ended with status {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    hint = " (so does a host without memory)" if code == -signal.SIGKILL else ""
    return f"the worker process was killed by {name}{hint}"


def _serve(theirs: connection.Connection, lifeline: tuple[int, int], compute: Compute) -> None:
    """A worker's life. Never returns."""
    status = 1
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        _let_go_of_all_but(theirs.fileno(), lifeline[0])
        threading.Thread(target=_end_with_parent, args=(lifeline[0],), daemon=True).start()
        while True:
            group = theirs.recv()
            for answer in compute(group):
                theirs.send(answer)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        status = 0  # the parent wants no more
    except BaseException as error:  # nothing of the parent's stack may run here
        print(f"trapwalk: worker {os.getpid()}: {message_of(error)}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


@contextmanager
def _no_ctrl_c() -> Iterator[None]:
    """A Ctrl-C waits until what is inside is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _let_go_of_all_but(*kept: int) -> None:
    """What else the parent has open: ends of the pipes of other workers and of other pools, in other threads, which would
    never see that the parent is gone; sockets. The numbers stay taken: objects that the parent had may close them."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in map(int, os.listdir("/proc/self/fd")):
        if number > 2 and number not in (nothing, *kept):
            with suppress(OSError):  # the folder's own
                os.fstat(number)
                os.dup2(nothing, number, inheritable=False)


def _end_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)  # nobody writes: returns when the parent is gone
    os.killpg(0, signal.SIGKILL)
