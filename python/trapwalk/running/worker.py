"""A process of the command: started, listened to, ended, and never left behind."""

from __future__ import annotations

import codecs
import json
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Optional

from trapwalk.errors import Error

_GRACE = 5.0  # seconds between a polite end and a kill
_LAST_LINES = 20  # of standard error
_MOST_STDERR = 1 << 16  # bytes of it that are kept
# For sh: whose parent has died before it was said that this is to be noticed, ends.
_UNLESS_ALONE = 'test "$PPID" -eq "$0" && exec "$@"'

Event = tuple[str, Any]  # ("console", text), ("status", dict), ("end", None)


class Worker:
    """Runs `words` with --report and --status-fd added, in a session of its own: Ctrl-C in a terminal is not for it.

    All that it says is read by a thread of its own, so that it never waits for us; `tell` is called in that thread.
    It dies with this process, whatever kills that.
    """

    def __init__(self, words: list[str], tell: Callable[[Event], None]) -> None:
        self.console = ""
        self.timed_out = False
        self._stderr = b""
        self._tell = tell
        self._folder = tempfile.TemporaryDirectory(prefix="trapwalk-")
        self._report = Path(self._folder.name) / "report.json"
        try:
            status, theirs = os.pipe()
            try:
                all_words = [*words, f"--report={self._report}"]
                if "dma-study" not in words:  # which says nothing of how far it is
                    all_words.append(f"--status-fd={theirs}")
                self._process = _spawn(all_words, theirs)
            except OSError as error:
                os.close(status)
                raise Error(f"{words[0]}: cannot be started: {error.strerror}") from error
            finally:
                os.close(theirs)
        except BaseException:
            self._folder.cleanup()
            raise
        self.pid = self._process.pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, args=(status,), name=f"trapwalk {self.pid}", daemon=True)
        self._thread.start()

    def wait(self, seconds: Optional[float] = None) -> bool:
        """Until it has ended; False when it has not after so many seconds."""
        return self._ended.wait(seconds)

    @property
    def status(self) -> int:
        """Exit status; negative: the signal that killed it. After the end."""
        return int(self._process.returncode)

    @property
    def stderr(self) -> str:
        """The last lines that it wrote there."""
        lines = self._stderr.decode(errors="replace").strip().splitlines()
        return "\n".join(lines[-_LAST_LINES:])

    def report(self) -> Optional[str]:
        """The report's text, if it wrote one. After the end."""
        return self._report.read_text(encoding="utf-8") if self._report.exists() else None

    def end(self) -> None:
        """In order, with a report, if it can; else at once. Returns when it is gone."""
        self._signal(signal.SIGTERM)
        if not self.wait(_GRACE):
            self.kill()

    def kill(self) -> None:
        """At once, with its children. Returns when it is gone."""
        self._signal(signal.SIGKILL)
        self._ended.wait()

    def forget(self) -> None:
        """Removes what it wrote for us. After the end."""
        self._folder.cleanup()

    def _signal(self, number: signal.Signals) -> None:
        if self._ended.is_set():
            return
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass

    def _listen(self, status: int) -> None:
        process = self._process
        assert process.stdout is not None and process.stderr is not None
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        pieces: list[str] = []
        rest = b""
        with selectors.DefaultSelector() as selector:
            for stream in (process.stdout.fileno(), process.stderr.fileno(), status):
                selector.register(stream, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select():
                    data = os.read(key.fd, 1 << 16)
                    if not data:
                        selector.unregister(key.fd)
                    elif key.fd == process.stdout.fileno():
                        text = decoder.decode(data)
                        pieces.append(text)
                        self._tell(("console", text))
                    elif key.fd == process.stderr.fileno():
                        self._stderr = (self._stderr + data)[-_MOST_STDERR:]
                    else:
                        *lines, rest = (rest + data).split(b"\n")
                        for line in lines:
                            self._tell(("status", _status(line)))
        process.stdout.close()
        process.stderr.close()
        os.close(status)
        process.wait()
        self.console = "".join(pieces)
        self._ended.set()
        self._tell(("end", None))


def _status(line: bytes) -> dict[str, Any]:
    """A line of the status descriptor; nothing of what cannot be read."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _spawn(words: list[str], inherited: int) -> subprocess.Popen[bytes]:
    """The child dies when the thread that made it does (PR_SET_PDEATHSIG), so one makes them all and lives as long as
    we do."""
    guarded = [*_death_with_us(), *words]
    return _starter().submit(_popen, guarded, inherited).result()


def _popen(words: list[str], inherited: int) -> subprocess.Popen[bytes]:
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(
        words, stdin=null, stdout=pipe, stderr=pipe, pass_fds=(inherited,), start_new_session=True, bufsize=0
    )


def _death_with_us() -> list[str]:
    setpriv = shutil.which("setpriv")  # of util-linux
    return [setpriv, "--pdeathsig", "KILL", "--", "sh", "-c", _UNLESS_ALONE, str(os.getpid())] if setpriv else []


_starters: list[ThreadPoolExecutor] = []


def _starter() -> ThreadPoolExecutor:
    if not _starters:
        _starters.append(ThreadPoolExecutor(1, "trapwalk-starter"))
    return _starters[0]


# A child that was forked off has no such thread.
os.register_at_fork(after_in_child=_starters.clear)
