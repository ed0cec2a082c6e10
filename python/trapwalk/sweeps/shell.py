"""What `trapwalk sweep` does."""

from __future__ import annotations

import argparse
import html
import io
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trapwalk.errors import ConfigError, Error
from trapwalk.files import write_text
from trapwalk.sweeps.result import Sweep
from trapwalk.sweeps.store import Store
from trapwalk.sweeps.study import StudyFile, read
from trapwalk.sweeps.sweep import sweep

# Exit statuses; 6 as that of `trapwalk run --fork-points`.
_USER, _SOME_FAILED, _INTERRUPTED = 2, 6, 130
_ROWS = 20
_METRICS = ("cycles", "walks.count", "walks.cycles", "smmu.translations", "smmu.mean", "storage_bits")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="trapwalk sweep",
        allow_abbrev=False,
        description="Computes the points of a study that its store does not have; see docs/sweep.md.",
        epilog="Exit status: 0 all points are there; 2 something is wrong with what was given; 6 some points failed; "
        "130 interrupted: what was finished is kept.",
    )
    parser.add_argument("study", nargs="?", metavar="STUDY.toml", help="what is to be computed")
    parser.add_argument(
        "--store", metavar="FILE", help="where results are kept; the study's own, or STUDY.sqlite beside it"
    )
    parser.add_argument("--workers", type=int, metavar="N", help="processes; one a processor")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a dask.distributed cluster that computes the points instead"
    )
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="that a point may take")
    parser.add_argument("--resume", action="store_true", help="go on with a store that is there; an error without one")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.add_argument("--csv", metavar="FILE", help="writes a row a point")
    parser.add_argument("--html", metavar="FILE", help="writes a page with the table, and what the points failed of")
    parser.add_argument(
        "--list", metavar="STORE", help="says which studies a store has; with --csv or --html: writes one of them"
    )
    parser.add_argument(
        "--name", metavar="STUDY", help="which of the store's studies, by name or the first digits of its id"
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        if (options.study is None) == (options.list is None):
            raise ConfigError("trapwalk sweep: either a study or --list STORE; see trapwalk sweep --help")
        if options.list:
            return _of_store(options)
        study = read(options.study)
        return _tell(_compute(study, options), study.metrics, options)
    except Error as error:
        print(error, file=sys.stderr)
        return _USER
    except KeyboardInterrupt:
        print("\ntrapwalk sweep: interrupted; what was finished is kept, and the same command goes on", file=sys.stderr)
        return _INTERRUPTED


def _compute(study: StudyFile, options: argparse.Namespace) -> Sweep:
    arguments = dict(study.arguments)
    for name in ("store", "workers", "timeout"):
        if getattr(options, name) is not None:
            arguments[name] = getattr(options, name)
    if arguments.get("workers", 1) < 1:
        raise ConfigError(f"--workers: {arguments['workers']} processes are none")
    if options.resume and not Path(arguments["store"]).is_file():
        raise ConfigError(f"--resume: there is no store {arguments['store']}")
    client = None
    if options.scheduler:
        client = _client(options.scheduler)
    try:
        return sweep(study.base, study.parameters, progress=not options.quiet, client=client, **arguments)
    finally:
        if client is not None:
            client.close()


def _client(address: str) -> Any:
    import distributed

    connect: Any = distributed.Client
    try:
        return connect(address, timeout=10)
    except (OSError, ValueError) as error:
        raise Error(f"--scheduler: {address}: {error}") from None


def _of_store(options: argparse.Namespace) -> int:
    if options.csv or options.html or options.name:
        return _tell(Sweep.load(options.list, options.name), (), options)
    with Store(options.list, must_exist=True) as store:
        for study in store.studies():
            rows = store.rows(list(dict.fromkeys(key for _, key in study.points)))
            states = Counter(rows[key].status if key in rows else "missing" for _, key in study.points)
            told = ", ".join(f"{count} {state}" for state, count in states.items())
            seconds = sum(row.seconds for row in rows.values())
            print(f"{study.id[:8]}  {study.created}  {study.name}: {told}; {seconds:.1f} s; {study.about.get('subject', '')}")
    return 0


def _tell(done: Sweep, metrics: Sequence[str], options: argparse.Namespace) -> int:
    frame = done.frame()
    if options.csv:
        text = io.StringIO()
        frame.to_csv(text)
        write_text(options.csv, text.getvalue())
    if options.html:
        write_text(options.html, _page(done))
    wanted = metrics or [name for name in _METRICS if name in frame.columns and frame[name].nunique() > 1]
    shown = done.frame(wanted).drop(columns="message")
    print(shown.head(_ROWS).to_string(float_format=lambda value: f"{value:.6g}"))
    if len(frame) > _ROWS:
        print(f"… {len(frame) - _ROWS} more: --csv FILE")
    failures = done.failures
    for number, message in failures["message"].items():
        print(f"point {number}: {failures.loc[number, 'status']}: {message}", file=sys.stderr)
    print(f"{len(frame)} points, {len(failures)} of them failed; {done.store}")
    return _SOME_FAILED if len(failures) else 0


def _page(done: Sweep) -> str:
    frame = done.frame()
    changing = [name for name in frame.columns if name in (*done.parameters, "status") or frame[name].nunique() > 1]
    table = frame[changing].to_html(border=0, float_format=lambda value: f"{value:.6g}")
    failures = done.failures
    failed = f"<h2>Failures</h2>{failures.to_html(border=0)}" if len(failures) else ""
    title = html.escape(done.name)
    style = (
        ":root{color-scheme:light dark}body{font:15px/1.45 system-ui,sans-serif;margin:1rem}div{overflow-x:auto}"
        "table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.2rem .6rem;text-align:right;"
        "border-bottom:1px solid #8884}"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{style}</style></head><body>'
        f"<h1>{title}</h1><p>{html.escape(repr(done))}</p><div>{table}</div>{failed}</body></html>\n"
    )
