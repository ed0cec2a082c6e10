"""A run under way, and how one is started and ended."""

from __future__ import annotations

import queue
import signal
import sys
import weakref
from contextlib import closing
from types import TracebackType
from typing import Any, Optional, Union

from trapwalk.command import command
from trapwalk.config import Config, checked_config
from trapwalk.errors import ConfigError, RunError
from trapwalk.results import Run
from trapwalk.running.options import Options
from trapwalk.running.progress import Bar, Callback, Clock, Progress, Wanted, progress_of
from trapwalk.running.worker import Event, Worker

_USER = 2  # exit status: something is wrong with what was given
_LIMIT = 3  # a limit was reached, or the guest stopped, before the milestone
_TICK = 0.25  # seconds between looks at the clock


class Pending:
    """A run under way: `trapwalk.start` gives it. Several may be.

    As a context manager it is cancelled at the end of the block, unless it has ended. When nobody holds it any more, and
    when Python ends, however it does, the run ends too.
    """

    def __init__(self, words: list[str], options: Options, *, name: str, timeout: Optional[float], check: bool) -> None:
        self.arguments = tuple(words)
        self._options = options
        self._name = name
        self._timeout = timeout
        self._check = check
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._clock = Clock()
        self._progress = Progress()
        self._result: Union[Run, Exception, None] = None
        self._worker = Worker(words, self._events.put)
        self._finalizer = weakref.finalize(self, _drop, self._worker)

    @property
    def pid(self) -> int:
        """Of the worker process."""
        return self._worker.pid

    @property
    def done(self) -> bool:
        """It has ended: `wait` returns at once."""
        return self._result is not None or self._worker.wait(0)

    def progress(self) -> Progress:
        """Where it is now."""
        self._drain(None, False)
        return self._progress

    def wait(self, *, progress: Wanted = None, echo: bool = False) -> Run:
        """Until it has ended. Raises as `trapwalk.run`; whatever else is raised meanwhile (Ctrl-C) ends the worker."""
        if self._result is None:
            try:
                with closing(_Listener(progress, self._name, self._options.max_instructions)) as listener:
                    self._listen(listener.callback, echo)
                self._result = self._outcome()
            except Exception as error:
                self._result = error
                raise
            finally:
                self._finalizer()
        if isinstance(self._result, Exception):
            raise self._result
        return self._result

    def cancel(self) -> None:
        """Kills the worker and its children, unless it has ended. `wait` then raises `RunError`."""
        if self._result is None:
            self._worker.kill()
            self._result = RunError("the run was cancelled", self._worker.status, self._worker.stderr)
            self._finalizer()

    def __enter__(self) -> Pending:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.cancel()

    def __repr__(self) -> str:
        return f"<trapwalk.Pending {self._name}: process {self.pid}, {'ended' if self.done else 'running'}>"

    def _listen(self, callback: Callback, echo: bool) -> None:
        while not self._worker.wait(0):
            if self._timeout is not None and self._clock() > self._timeout:
                self._worker.timed_out = True
                self._worker.end()
            self._drain(callback, echo)
            if not self._worker.wait(0):
                self._take(callback, echo, _TICK)
        self._drain(callback, echo)

    def _drain(self, callback: Optional[Callback], echo: bool) -> None:
        while not self._events.empty():
            self._take(callback, echo, 0)

    def _take(self, callback: Optional[Callback], echo: bool, seconds: float) -> None:
        """One event; or, when none comes in time, the time that went by."""
        try:
            kind, said = self._events.get(timeout=seconds)
        except queue.Empty:
            kind, said = "status", {}
        if kind == "console":
            if echo:
                sys.stdout.write(said)
                sys.stdout.flush()
        elif kind == "status":
            self._progress = progress_of(said, self._progress, self._clock())
            if callback is not None:
                callback(self._progress)

    def _outcome(self) -> Run:
        worker = self._worker
        text, status = worker.report(), worker.status
        run = None
        if text is not None:
            run = Run.from_json(text, name=self._name, console=worker.console, arguments=self.arguments)
        if worker.timed_out:
            raise _error(f"the run did not end within {self._timeout:g} s", worker, run)
        if status < 0:
            raise _error(f"the worker was killed by {signal.Signals(-status).name}", worker, run)
        if run is None:
            message = worker.stderr or f"the worker ended with status {status} and without a report"
            if status == _USER:
                raise ConfigError(message)
            raise _error(message.splitlines()[-1], worker, run)
        fine = status == 0 or (status == _LIMIT and self._options.has_limit)
        if status == _USER:  # it has run, and something beside it could not be written: a full disk
            raise _error(f"{run.report['run']['stopped']}, but not all could be written", worker, run)
        if self._check and not fine:
            until = self._options.until
            before = f" before it printed {until!r}" if until and status == _LIMIT else ""
            raise _error(f"{run.report['run']['stopped']}{before} (exit status {status})", worker, run)
        return run


class _Listener:
    """Who is told of progress."""

    def __init__(self, wanted: Wanted, title: str, limit: Optional[int]) -> None:
        self._bar: Optional[Bar] = None
        if callable(wanted):
            self.callback: Callback = wanted
        elif wanted is False:
            self.callback = lambda progress: None
        else:
            self._bar = Bar(title, limit)
            self.callback = self._bar

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _drop(worker: Worker) -> None:
    worker.kill()
    worker.forget()


def _error(message: str, worker: Worker, run: Optional[Run]) -> RunError:
    stderr = worker.stderr
    told = f"{message}\n{stderr}" if stderr and stderr not in message else message
    return RunError(told, worker.status, stderr, run)


def begin(
    config: Optional[Config],
    given: dict[str, Any],
    *,
    name: str,
    timeout: Optional[float],
    check: bool,
    function: str = "trapwalk.run",
) -> Pending:
    """Starts the command. Raises `ConfigError` for what does not validate."""
    options = Options.of(given, function)
    words = [command(), "run", *words_of(config, options)]
    return Pending(words, options, name=name or _title(options), timeout=timeout, check=check)


def words_of(config: Optional[Config], options: Options) -> list[str]:
    """What follows `trapwalk run`. Raises `ConfigError` for what does not validate."""
    words = checked_config(config).arguments() if config is not None else []
    # The command counts cores by an option of its own.
    if config is not None and options.smp is None and config.platform_name == "virt" and config["gic.cpus"] != 1:
        words.append(f"--smp={config['gic.cpus']}")
    return words + options.words()


def _title(options: Options) -> str:
    image = options.guest or options.software or options.hypervisor or options.kernel or options.bios
    return str(image).rpartition("/")[2] if image else "run"
