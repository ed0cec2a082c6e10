"""trapwalk.Trace: files and arrays, and what is refused."""

import concurrent.futures
import multiprocessing
import os
import pathlib
import pickle
import subprocess
import threading
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import trapwalk
from support import needs_command
from trapwalk import Kind, Scope, Trace, TraceError

TRAPWALK = os.environ["TRAPWALK"]
ROOT = pathlib.Path(__file__).resolve().parents[2]


def some_records(count: int = 200_000) -> numpy.ndarray:
    random = numpy.random.default_rng(3)
    records = numpy.zeros(count, trapwalk.RECORD)
    for name in ("va", "ipa", "pa"):
        records[name] = random.integers(0, 1 << 48, count, dtype="u8")
    records["size"] = random.integers(1, 64, count)
    records["stream"] = trapwalk.NO_STREAM
    for name in ("vmid", "asid"):
        records[name] = random.integers(0, 1 << 16, count)
    records["kind"] = random.integers(0, 4, count)
    records["el"] = random.integers(0, 4, count)
    return records


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("trace") / "some.trace"
    Trace.from_records(some_records(), provenance={"command": "größer"}).write(path)
    return path


def test_a_file_gives_back_what_was_written(file: pathlib.Path) -> None:
    trace, records = Trace.open(file), some_records()
    assert len(trace) == len(records) and trace.has_ipa and trace.has_pa and trace.provenance == {"command": "größer"}
    assert (trace[:] == records).all()
    for part in (slice(5, 10), slice(65_530, 65_541), slice(-3, None), slice(10, 5), slice(0, 200_000, 777), slice(100, 3, -7), slice(None, None, -1)):
        assert (trace[part] == records[part]).all() and trace[part].shape == records[part].shape
    assert trace[70_000] == records[70_000] and trace[-1] == records[-1]
    with pytest.raises(IndexError):
        trace[len(trace)]
    assert sum(len(block) for block in trace.blocks(999)) == len(trace)
    assert (numpy.concatenate(list(trace.blocks())) == records).all()
    again = pickle.loads(pickle.dumps(trace))
    assert again.path == str(file) and len(again) == len(trace)


RECORDS = arrays.arrays(
    trapwalk.RECORD,
    st.integers(0, 50),
    elements=st.tuples(
        st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1),
        st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1), st.sampled_from([0, 1, 2, 3]),
        st.integers(0, 3), st.just(0), st.just(0),
    ),
    fill=st.nothing(),
)  # fmt: skip


@settings(max_examples=60)
@given(records=RECORDS)
def test_any_records_survive_a_file(records: numpy.ndarray, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "t"
    trace = Trace.from_records(records)
    trace.write(path)
    assert (Trace.open(path)[:] == records).all()
    assert (pickle.loads(pickle.dumps(trace))[:] == records).all()


def test_arrays_make_the_records_that_they_say() -> None:
    va = numpy.array([1, 2**64 - 1], "u8")
    trace = Trace.from_arrays(va, kind=[Kind.FETCH, Kind.WRITE], size=4, vmid=numpy.array([1, 2], "i8"), el=1)
    assert not trace.has_ipa and not trace.has_pa and len(trace) == 2
    assert trace[:]["va"].tolist() == va.tolist() and trace[:]["kind"].tolist() == [0, 2]
    assert trace[:]["size"].tolist() == [4, 4] and trace[:]["vmid"].tolist() == [1, 2]
    assert trace[:]["stream"].tolist() == [trapwalk.NO_STREAM] * 2
    assert Trace.from_arrays([5], pa=[7]).has_pa and len(Trace.from_arrays([])) == 0
    named = Trace.from_arrays([1, 2, 3], kind=["write", "fetch", "READ"])
    assert named[:]["kind"].tolist() == [Kind.WRITE, Kind.FETCH, Kind.READ]
    assert Trace.from_arrays([5], kind="fetch")[:]["kind"].tolist() == [Kind.FETCH]
    invalidate = Trace.from_arrays([0x1000], kind=Kind.INVALIDATE, scope=Scope.VA, size=4096)
    assert invalidate.frame()["kind"].tolist() == ["invalidate"] and invalidate.frame()["scope"].tolist() == ["va"]


def test_rows_of_a_frame_are_a_trace() -> None:
    """What pandas has chosen, to be replayed."""
    kinds = numpy.arange(100) % 5
    scopes = numpy.where(kinds == Kind.INVALIDATE, Scope.ASID, Scope.NONE)
    trace = Trace.from_arrays(numpy.arange(100) * 4096, kind=kinds, scope=scopes, ipa=7, pa=9, asid=numpy.arange(100))
    assert (Trace.from_arrays(**trace.frame())[:] == trace[:]).all()
    frame = trace.frame()
    chosen = Trace.from_arrays(**frame[(frame["kind"] != "invalidate") & (frame["asid"] < 50)])
    assert len(chosen) == 40 and trapwalk.replay(chosen).tlbs["lookups"].sum() > 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"va": [1.5]}, TypeError, "va: integers of at most 64 bits are needed, not float64"),
        ({"va": numpy.zeros(3, bool)}, TypeError, "va: integers"),
        ({"va": [-1]}, ValueError, "va: -1 is no unsigned number of 64 bits"),
        ({"va": [1 << 64]}, ValueError, "va: 18446744073709551616 is no unsigned"),
        ({"va": numpy.zeros((2, 2), "u8")}, ValueError, r"va: an array of one dimension is needed, not of shape \(2, 2\)"),
        ({"va": 5}, ValueError, "va: an array of one dimension"),
        ({"va": [1, 2], "vmid": [1]}, ValueError, "vmid: 2 values are needed, not 1"),
        ({"va": [1], "vmid": 1 << 16}, ValueError, "vmid: 65536 is no unsigned number of 16 bits"),
        ({"va": [1], "size": numpy.array([2**40])}, ValueError, "size"),
        ({"va": [1], "kind": 9}, ValueError, "number 0 has a kind, EL, scope or target that there is not"),
        ({"va": [1], "el": 4}, ValueError, "number 0 has"),
        ({"va": [1], "kind": Kind.INVALIDATE}, ValueError, "number 0 has"),
        ({"va": [1], "kind": "raed"}, ValueError, "kind: 'raed' is none of fetch, read, .*did you mean 'read'"),
        ({"va": [1], "scope": ["vmidd"]}, ValueError, "scope: 'vmidd' is none of .*did you mean 'vmid'"),
        ({"va": [1], "kind": [1.5]}, TypeError, "kind: integers"),
    ],
)
def test_wrong_types_and_shapes_are_refused(arguments: dict, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        Trace.from_arrays(**arguments)


def test_a_part_of_a_trace_is_a_trace(file: pathlib.Path) -> None:
    records = some_records()
    plain = Trace.from_arrays(records["va"], el=records["el"])
    for trace, whole in ((Trace.open(file), records), (plain, plain[:])):
        mask = whole["el"] == 1
        numbers = numpy.flatnonzero(mask)
        for which, expected in (
            (mask, whole[mask]),
            (trace.frame()["el"] == 1, whole[mask]),
            (numbers, whole[mask]),
            (numbers.tolist(), whole[mask]),
            (slice(-5, None), whole[-5:]),
            (slice(0, 100, 3), whole[0:100:3]),
            ([], whole[:0]),
        ):
            part = trace.select(which)
            assert (part[:] == expected).all() and len(part) == len(expected) and part.path is None
            assert (part.has_ipa, part.has_pa) == (trace.has_ipa, trace.has_pa)
            assert (part.name, part.provenance) == (trace.name, trace.provenance)


@pytest.mark.parametrize(
    ("which", "error", "message"),
    [
        ([True, False], ValueError, "a mask of 5"),
        (numpy.zeros((5, 1), bool), ValueError, "a mask of 5"),
        ([3, 1], ValueError, "ascending"),
        ([1, 1], ValueError, "ascending"),
        ([5], IndexError, "5 records"),
        ([-1], ValueError, "unsigned"),
        ([1.0], TypeError, "integers"),
        (slice(4, 0, -1), ValueError, "not backwards"),
        (3, ValueError, "one dimension"),
    ],
)
def test_wrong_parts(which: object, error: type[Exception], message: str) -> None:
    trace = Trace.from_arrays(numpy.arange(5))
    with pytest.raises(error, match=message):
        trace.select(which)
    with pytest.raises(TypeError, match="Trace.select"):
        trace[numpy.ones(5, bool)]  # type: ignore[call-overload]


def test_wrong_records_are_refused() -> None:
    with pytest.raises(TypeError, match="trapwalk.RECORD is needed, not uint64"):
        Trace.from_records(numpy.zeros(3, "u8"))
    with pytest.raises(ValueError, match="one dimension"):
        Trace.from_records(numpy.zeros((2, 2), trapwalk.RECORD))
    records = numpy.zeros(2, trapwalk.RECORD)
    records["ipa"] = 5
    with pytest.raises(ValueError, match="has_ipa=False"):
        Trace.from_records(records, has_ipa=False)
    with pytest.raises(TypeError):
        Trace()


def test_a_damaged_file_is_a_trace_error(file: pathlib.Path, tmp_path: pathlib.Path) -> None:
    whole = file.read_bytes()
    other = tmp_path / "damaged"
    with pytest.raises(TraceError, match="cannot be read"):
        Trace.open(tmp_path / "none")
    for content in (b"", b"\x7fELF" + whole, whole[:-1], whole[: len(whole) // 2]):
        other.write_bytes(content)
        with pytest.raises(TraceError, match="damaged.*offset"):
            Trace.open(other)
    random = numpy.random.default_rng(5)
    for at in random.integers(0, len(whole), 20):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        other.write_bytes(damaged)
        with pytest.raises(TraceError, match="offset"):
            for _ in Trace.open(other).blocks():
                pass


def test_what_cannot_be_written_is_a_trace_error(tmp_path: pathlib.Path) -> None:
    trace = Trace.from_arrays(numpy.arange(10))
    with pytest.raises(TraceError):
        trace.write(tmp_path / "no" / "folder")
    full = pathlib.Path("/dev/full")
    if full.exists():
        with pytest.raises(TraceError):
            Trace.from_records(some_records()).write(full)


def test_threads_read_as_they_like(file: pathlib.Path) -> None:
    trace = Trace.open(file)
    expected = int(some_records()["va"].sum())
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        sums = list(threads.map(lambda _: int(trace[:]["va"].sum()), range(30)))
        curves = list(threads.map(lambda _: trapwalk.miss_curve(trace, most_entries=4), range(3)))
    assert set(sums) == {expected} and curves[0] == curves[1] == curves[2]


def test_forked_processes_have_places_of_their_own(file: pathlib.Path) -> None:
    """They would share the offset of an open file, and each would read at the others' places."""
    trace = Trace.open(file)
    expected = int(some_records()["va"].sum())

    def read(told: Any) -> None:
        try:
            told.put([int(trace[:]["va"].sum()) for _ in range(20)])
        except BaseException as error:
            told.put(error)

    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()
    children = [context.Process(target=read, args=(told,)) for _ in range(4)]
    for child in children:
        child.start()
    found = [told.get() for _ in children]
    for child in children:
        child.join()
    assert found == [[expected] * 20] * 4 and int(trace[:]["va"].sum()) == expected


def test_a_file_that_was_replaced_is_not_read_by_another_thread(
    file: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.trace").write_bytes(file.read_bytes())
    monkeypatch.chdir(tmp_path)
    trace = Trace.open("one.trace")
    monkeypatch.chdir("/")
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        assert thread.submit(lambda: len(trace[5:10])).result() == 5  # wherever it is
    Trace.from_arrays([1, 2, 3]).write(tmp_path / "one.trace")
    assert len(trace[5:10]) == 5  # who has it open
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        with pytest.raises(TraceError, match="one.trace: is not the file any more"):
            thread.submit(lambda: trace[5:10]).result()


def test_the_modules_reader_refuses_a_second_thread(file: pathlib.Path) -> None:
    reader = trapwalk._trapwalk.TraceReader(str(file))
    found: list[BaseException] = []
    sums: list[int] = []

    def reads() -> None:
        for _ in range(20):
            try:
                sums.append(int(reader.read(0, reader.records)["va"].sum()))
            except RuntimeError as error:
                found.append(error)

    threads = [threading.Thread(target=reads) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(sums)) == 1 and all("another thread" in str(error) for error in found)


@needs_command
def test_the_command_replays_what_python_wrote(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "t"
    Trace.from_arrays(numpy.arange(1000) * 4096 + (1 << 20), vmid=1, asid=1).write(path)
    done = subprocess.run([TRAPWALK, "replay", str(path)], capture_output=True, text=True, check=True)
    assert "1,000 of 1,000 records" in done.stdout
