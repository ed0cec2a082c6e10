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
                self._open()
            except BaseException:
                self._database.close()
                raise

    def _open(self) -> None:
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
            with self._transaction():
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
        with self._transaction():
            self._database.execute(
                "INSERT INTO result VALUES(?,?,?,?,?,?,?,?) ON CONFLICT(key) DO UPDATE SET status=excluded.status,"
                " message=excluded.message, report=excluded.report, metrics=excluded.metrics, seconds=excluded.seconds,"
                " finished=excluded.finished, origin=excluded.origin WHERE result.status != ?",
                (*row, DONE),
            )

    def put_study(self, study: Study) -> None:
        """Writes down what a study consists of; the same study again changes its name alone."""
        with self._transaction():
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
                    found[key] = Row(key, status, message, _from_json(metrics), seconds)
        return found

    def report(self, key: str) -> str:
        """The JSON text of a finished point's report. Raises StoreError when there is none."""
        row = self._one("SELECT report FROM result WHERE key=? AND status=?", key, DONE)
        if row is None:
            raise StoreError(f"{self.path}: no finished result {key[:12]}")
        try:
            return zlib.decompress(row[0]).decode()
        except (zlib.error, TypeError, UnicodeDecodeError) as error:
            raise StoreError(f"{self.path}: the report of {key[:12]} is damaged: {error}") from None

    def studies(self) -> list[Study]:
        """All studies, oldest first."""
        with self._errors():
            studies = self._database.execute(
                "SELECT id, name, created, about FROM study ORDER BY created, id"
            ).fetchall()
            points = {
                study[0]: tuple(
                    (_from_json(values), key)
                    for values, key in self._database.execute(
                        "SELECT parameters, key FROM point WHERE study=? ORDER BY number", (study[0],)
                    )
                )
                for study in studies
            }
            return [Study(id, name, created, _from_json(about), points[id]) for id, name, created, about in studies]

    def _one(self, statement: str, *values: object) -> tuple[bytes, ...] | None:
        with self._errors():
            row: tuple[bytes, ...] | None = self._database.execute(statement, values).fetchone()
            return row

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._errors():
            self._database.execute("BEGIN IMMEDIATE")
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


def _to_json(value: Mapping[str, object] | Mapping[str, float] | Values) -> str:
    return json.dumps(value, separators=(",", ":"))


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
