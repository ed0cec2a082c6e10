"""Where results are kept: one SQLite file, each finished point a transaction of its own.

The write-ahead log with full synchronisation: what `put` has returned from outlives a kill -9 and a power failure.
Results are found by their content's key, whichever study they were computed for.
"""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from trapwalk.errors import StoreError
from trapwalk.files import PathLike
from trapwalk.sweeps.outcome import DONE, Outcome
from trapwalk.sweeps.points import Values

_APPLICATION = 0x74775377  # "twSw"
_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS result(
  key TEXT PRIMARY KEY, status TEXT NOT NULL, message TEXT NOT NULL, report BLOB NOT NULL, metrics TEXT NOT NULL,
  seconds REAL NOT NULL, finished TEXT NOT NULL, origin TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS study(id TEXT PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL, about TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS point(
  study TEXT NOT NULL REFERENCES study(id), number INTEGER NOT NULL, key TEXT NOT NULL, parameters TEXT NOT NULL,
  PRIMARY KEY(study, number)) WITHOUT ROWID;
"""
_POINTS = "SELECT parameters, key FROM point WHERE study=? ORDER BY number"


@dataclass(frozen=True)
class Row:
    """A result without its report."""

    key: str
    status: str
    message: str
    metrics: dict[str, float]
    seconds: float


@dataclass(frozen=True)
class Study:
    """A study of a store: its points' parameters and keys, by number."""

    id: str
    name: str
    created: str
    about: dict[str, object]
    points: tuple[tuple[Values, str], ...]


class Store:
    """A file of results. A context manager. All methods raise StoreError for a file that is not one, locked or full."""

    def __init__(self, path: PathLike, *, patience: float = 30.0, must_exist: bool = False) -> None:
        """Opens or makes it. `patience`: seconds to wait for another process's lock."""
        self.path = Path(path)
        if must_exist and not self.path.is_file():
            raise StoreError(f"{self.path}: there is no such store")
        with self._errors():
            self._database = sqlite3.connect(self.path, timeout=patience, isolation_level=None)
            try:
                self._open_patiently(time.monotonic() + patience)
            except BaseException:
                self._database.close()
                raise

    def _open_patiently(self, end: float) -> None:
        """A change to the write-ahead log is refused at once, whatever the patience, while another opens the file."""
        while True:
            try:
                return self._open()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                    raise
            time.sleep(0.01)

    def _open(self) -> None:
        with self._transaction("DEFERRED"):  # what another process makes of a new file is seen as a whole or not at all
            application, version = (
                self._database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
            )
            tables = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if application != _APPLICATION and (application or tables):
            raise StoreError(f"{self.path}: a database, but no store of sweeps")
        if version > _VERSION:
            raise StoreError(
                f"{self.path}: written by a newer trapwalk (store version {version}; this reads {_VERSION})"
            )
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        if not tables:
            with self._transaction("IMMEDIATE"):
                self._database.execute(f"PRAGMA application_id={_APPLICATION}")
                self._database.execute(f"PRAGMA user_version={_VERSION}")
                for statement in _SCHEMA.split(";"):
                    self._database.execute(statement)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<trapwalk.Store {self.path}: {len(self.studies())} studies>"

    def close(self) -> None:
        self._database.close()

    def put(self, key: str, outcome: Outcome, metrics: Mapping[str, float], origin: Mapping[str, object]) -> None:
        """Keeps an outcome for good. `origin`: what the key was made of. A finished result is never replaced."""
        report = zlib.compress(outcome.report.encode(), 6) if outcome.report else b""
        row = (
            key,
            outcome.status,
            outcome.message,
            report,
            _to_json(metrics),
            outcome.seconds,
            _now(),
            _to_json(origin),
        )
        with self._writing():
            self._database.execute(
                "INSERT INTO result VALUES(?,?,?,?,?,?,?,?) ON CONFLICT(key) DO UPDATE SET status=excluded.status,"
                " message=excluded.message, report=excluded.report, metrics=excluded.metrics, seconds=excluded.seconds,"
                " finished=excluded.finished, origin=excluded.origin WHERE result.status != ?",
                (*row, DONE),
            )

    def put_study(self, study: Study) -> None:
        """Writes down what a study consists of; the same study again changes its name alone."""
        with self._writing():
            self._database.execute(
                "INSERT INTO study VALUES(?,?,?,?) ON CONFLICT(id) DO UPDATE SET name=excluded.name",
                (study.id, study.name, study.created or _now(), _to_json(study.about)),
            )
            self._database.executemany(
                "INSERT OR IGNORE INTO point VALUES(?,?,?,?)",
                [(study.id, number, key, _to_json(values)) for number, (values, key) in enumerate(study.points)],
            )

    def done(self, key: str) -> bool:
        """Whether there is a finished result."""
        return self._one("SELECT 1 FROM result WHERE key=? AND status=?", key, DONE) is not None

    def rows(self, keys: Sequence[str]) -> dict[str, Row]:
        """What is known of these points; those that were never tried are left out."""
        found: dict[str, Row] = {}
        with self._errors():
            for begin in range(0, len(keys), 500):
                part = list(keys[begin : begin + 500])
                marks = ",".join("?" * len(part))
                for key, status, message, metrics, seconds in self._database.execute(
                    f"SELECT key, status, message, metrics, seconds FROM result WHERE key IN ({marks})", part
                ):
                    found[key] = Row(key, status, message, _figures(metrics), seconds)
        return found

    def report(self, key: str) -> str:
        """The JSON text of a finished point's report. Raises StoreError, with what became of it, when there is none."""
        row = self._one("SELECT report, status, message FROM result WHERE key=?", key)
        if row is None:
            raise StoreError(f"{self.path}: {key[:12]} has no result: it is not computed yet")
        report, status, message = row
        if status != DONE:
            raise StoreError(f"{self.path}: {key[:12]} has no result: {status}: {message}")
        try:
            return zlib.decompress(report).decode()
        except (zlib.error, TypeError, UnicodeDecodeError) as error:
            raise StoreError(f"{self.path}: the report of {key[:12]} is damaged: {error}") from None

    def studies(self) -> list[Study]:
        """All studies, as first written down: by `created`, studies of one second would have no order."""
        with self._errors():
            studies = self._database.execute("SELECT id, name, created, about FROM study ORDER BY rowid").fetchall()
            return [
                _study(id, name, created, about, self._database.execute(_POINTS, (id,)).fetchall())
                for id, name, created, about in studies
            ]

    def _one(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        with self._errors():
            row: tuple[Any, ...] | None = self._database.execute(statement, values).fetchone()
            return row

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._errors(), self._transaction("IMMEDIATE"):
            yield

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[None]:
        self._database.execute(f"BEGIN {kind}")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}; what was stored before is kept") from error
        except (_Damage, UnicodeDecodeError) as error:  # the latter from sqlite3, of names in its own messages too
            raise StoreError(f"{self.path}: damaged: {error}") from None


class _Damage(Exception):
    """Text in the store that Trapwalk did not write."""


def _from_json(text: object) -> dict[str, Any]:
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _Damage(f"{str(text)[:40]!r} is no JSON object")
    return value


def _study(id: str, name: str, created: str, about: object, points: Sequence[tuple[object, object]]) -> Study:
    """Raises _Damage: names that are not the same at all points, and what is no value."""
    told = _from_json(about)
    read = tuple((_from_json(values), _name(key)) for values, key in points)
    for values, _ in read:
        if values.keys() != read[0][0].keys() or any(isinstance(value, (list, dict)) for value in values.values()):
            raise _Damage(f"{str(values)[:60]} are no parameters of a point of study {name}")
    repeats = told.get("repeats", [])
    if not isinstance(repeats, list) or any(one not in read[0][0] for one in repeats if read):
        raise _Damage(f"{str(repeats)[:60]} are no repeats of study {name}")
    return Study(_name(id), _name(name), _name(created), told, read)


def _name(text: object) -> str:
    if not isinstance(text, str):
        raise _Damage(f"{text!r} is no text")
    return text


def _figures(text: object) -> dict[str, float]:
    figures = _from_json(text)
    if not all(isinstance(value, (int, float)) for value in figures.values()):
        raise _Damage(f"{str(text)[:40]!r} are no figures")
    return figures


def _to_json(value: Mapping[str, object] | Mapping[str, float] | Values) -> str:
    return json.dumps(value, separators=(",", ":"))


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
