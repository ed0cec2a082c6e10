"""The process that runs the platform, and the lines to and from it (docs/run-protocol.md, "Control")."""

from __future__ import annotations

import json
import operator
import socket
import subprocess
import tempfile
import time
import weakref
from typing import IO, Any, Sequence

from trapwalk.command import command
from trapwalk.errors import ConfigError, RunError, SessionError

_LAST_LINES = 20  # of standard error, in a RunError
_USER = 2  # exit status: something is wrong with what was given
_PATIENCE = 60.0  # seconds that a worker without its client has to end by itself, with its reports


class Worker:
    """One `trapwalk run --control-fd`. Not for several threads at once."""

    def __init__(self, arguments: Sequence[str]) -> None:
        """Starts it with the arguments of `trapwalk run`. The first line is not waited for."""
        self._stderr = tempfile.TemporaryFile()
        ours, theirs = socket.socketpair()
        with theirs:
            # In a session of its own: Ctrl-C at a terminal is the script's alone.
            self.process = subprocess.Popen(
                [command(), "run", *arguments, "--control-fd", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._socket = ours
        self._received = b""
        self._last_id = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._abandon = weakref.finalize(self, _abandon, self.process, ours, self._stderr)

    def first_line(self) -> dict[str, Any]:
        """Where the run stands at first. Raises `ConfigError` or `RunError` when the worker ends instead."""
        try:
            line = self._line(None)
        except RunError as error:
            if error.status == _USER:
                raise ConfigError(error.stderr) from None
            raise
        assert line is not None
        return line

    def send(self, name: str, /, **members: Any) -> int:
        """Sends a request; members that are None are left out. Its id, for `answer`."""
        self._require_open(name)
        self._last_id += 1
        request = {"id": self._last_id, "command": name}
        request.update({key: value for key, value in members.items() if value is not None})
        try:
            self._socket.settimeout(None)
            self._socket.sendall(json.dumps(request, default=operator.index).encode() + b"\n")
        except OSError:
            raise self._failure() from None
        return self._last_id

    def answer(self, request: int, timeout: float | None = None) -> dict[str, Any] | None:
        """What came back. None: nothing did within `timeout` seconds; ask again.

        Raises `SessionError` with the worker's message when the request was refused; `RunError` when the worker is gone.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while request not in self._answers:
            line = self._line(None if end is None else max(0.0, end - time.monotonic()))
            if line is None:
                return None
            if isinstance(line.get("id"), int):
                self._answers[line["id"]] = line
        answer = self._answers.pop(request)
        if "error" in answer:
            raise SessionError(answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def ask(self, name: str, /, **members: Any) -> dict[str, Any]:
        """`send` and `answer`."""
        result = self.answer(self.send(name, **members))
        assert result is not None
        return result

    def _require_open(self, name: str) -> None:
        if not self._abandon.alive:
            raise SessionError(f"{name}: the session is closed")

    def end(self) -> int:
        """Hangs up and waits: the exit status. Kills a worker that does not end."""
        self._abandon()
        return int(self.process.returncode)

    def _line(self, timeout: float | None) -> dict[str, Any] | None:
        while b"\n" not in self._received:
            try:
                self._socket.settimeout(timeout)
                received = self._socket.recv(1 << 16)
            except (TimeoutError, BlockingIOError):
                return None
            except OSError:
                received = b""
            if not received:
                raise self._failure()
            self._received += received
        line, self._received = self._received.split(b"\n", 1)
        decoded: dict[str, Any] = json.loads(line)
        return decoded

    def _failure(self) -> RunError:
        """The worker has hung up: how it ended."""
        try:
            status = self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        text = _last_lines(self._stderr)
        self.end()
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return RunError(f"the run {how}" + (f": {text}" if text else ""), status, text)


def _last_lines(file: IO[bytes]) -> str:
    file.seek(0)
    return "\n".join(file.read().decode(errors="replace").strip().splitlines()[-_LAST_LINES:])


def _abandon(process: subprocess.Popen[bytes], connection: socket.socket, stderr: IO[bytes]) -> None:
    """Whatever has become of it: no process stays, not even as a zombie."""
    connection.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    stderr.close()
