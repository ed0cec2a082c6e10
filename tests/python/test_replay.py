"""trapwalk.replay and trapwalk.import_trace beside the command's."""

import json
import os
import pathlib
import pickle
import signal
import subprocess

import numpy
import pytest

import trapwalk
from support import needs_command
from trapwalk import Config, ConfigError, Trace, TraceError, import_trace, replay, replay_report

TRAPWALK = os.environ["TRAPWALK"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDED = [("true.lackey.zst", "lackey"), ("busybox-awk.champsim.xz", "champsim"), ("linux-boot.gem5.gz", "gem5")]


def command(*words: object) -> str:
    return subprocess.run([TRAPWALK, *map(str, words)], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("replay") / "true.trace"
    import_trace(ROOT / "traces/true.lackey.zst", "lackey", to=path, vmid=3)
    return path


@needs_command
@pytest.mark.parametrize(("name", "tool"), RECORDED)
def test_importers_write_what_the_command_writes(name: str, tool: str, tmp_path: pathlib.Path) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    command("import", tool, ROOT / "traces" / name, theirs, "--vmid", 5, "--command", "a program")
    trace = import_trace(ROOT / "traces" / name, tool, to=ours, vmid=5, command="a program")
    assert ours.read_bytes() == theirs.read_bytes()
    memory = import_trace(ROOT / "traces" / name, tool, vmid=5, command="a program")
    assert memory.path is None and len(memory) == len(trace) > 10_000
    assert memory.provenance == trace.provenance and (memory.has_ipa, memory.has_pa) == (trace.has_ipa, trace.has_pa)
    assert (memory[:] == trace[:]).all() and (memory[:]["vmid"] == 5).all()


def test_what_is_no_trace_of_the_tool_is_an_error(tmp_path: pathlib.Path) -> None:
    target = tmp_path / "out"
    with pytest.raises(ValueError, match="did you mean 'lackey'"):
        import_trace(ROOT / "traces/true.lackey.zst", "lacky")
    with pytest.raises(ValueError, match="gem5's"):
        import_trace(ROOT / "traces/true.lackey.zst", "lackey", reads=[3])
    cut = tmp_path / "cut"
    cut.write_bytes((ROOT / "traces/true.lackey.zst").read_bytes()[:1000])
    for to in (None, target):
        with pytest.raises(TraceError, match="none"):
            import_trace(tmp_path / "none", "lackey", to=to)
        with pytest.raises(TraceError, match="cut"):
            import_trace(cut, "lackey", to=to)
        with pytest.raises(TraceError):
            import_trace(ROOT / "README.md", "gem5", to=to)
    assert not target.exists()


CONFIGS = [
    Config("generic"),
    Config("cortex-a72", sets={"replay.leaf2": 2 << 20, "mmu.l2.entries": 64}),
    Config("cortex-a72", sets={"replay.caches": True}),
]


@needs_command
@pytest.mark.parametrize("config", CONFIGS)
def test_the_report_is_the_commands_to_the_byte(recorded: pathlib.Path, config: Config, tmp_path: pathlib.Path) -> None:
    report = tmp_path / "report.json"
    command("replay", recorded, *config.arguments(replay=True), "--ghost", "tlb.l2=entries:128,ways:4", "--report", report)
    text, counts = replay_report(Trace.open(recorded), config, ghosts=[("tlb.l2", 128, 4)])
    assert text == report.read_text()
    assert counts["records"] == len(Trace.open(recorded)) and counts["spaces"] == 1 and counts["faults"] == 0
    run = replay(recorded, config, ghosts=[("tlb.l2", 128, 4)])
    assert isinstance(run, trapwalk.Run) and run.report == json.loads(text)
    assert list(run.caches["name"]) == (["L1 instruction", "L1 data", "L2"] if config.replay.caches else [])


def test_memory_replays_as_a_file(recorded: pathlib.Path) -> None:
    trace = Trace.open(recorded)
    text, counts = replay_report(trace, start=1000, records=50_000)
    memory, again = replay_report(Trace.from_records(trace[1000:51_000], has_ipa=False, has_pa=False))
    file, other = json.loads(text), json.loads(memory)
    assert counts == again and counts["records"] == 50_000
    assert file["run"].pop("images") == [str(recorded)] and other["run"].pop("images") == ["memory"]
    assert file == other


@needs_command
def test_several_traces_are_vms_as_of_the_command(recorded: pathlib.Path, tmp_path: pathlib.Path) -> None:
    other, report = tmp_path / "other.trace", tmp_path / "report.json"
    import_trace(ROOT / "traces/busybox-awk.champsim.xz", "champsim", to=other)
    config = Config("cortex-a72", sets={"replay.quantum": 5000, "replay.switch": "flush"})
    command("replay", recorded, other, *config.arguments(replay=True), "--report", report)
    traces = [Trace.open(recorded), Trace.open(other)]
    text, counts = replay_report(traces, config)
    assert text == report.read_text()
    assert counts["records"] == sum(map(len, traces)) and len(counts["switches"]) == 2 and min(counts["switches"]) > 5


@needs_command
@pytest.mark.parametrize("smmu", [None, "v3", "mmu-600-like"])
def test_dma_goes_through_the_smmu_as_of_the_command(smmu: str | None, tmp_path: pathlib.Path) -> None:
    path, report = tmp_path / "dma.trace", tmp_path / "report.json"
    numbers = numpy.arange(20_000)
    Trace.from_arrays(numbers % 700 * 4096, stream=numpy.where(numbers % 3, 5, trapwalk.NO_STREAM)).write(path)
    config = Config("generic", smmu=smmu)
    command("replay", path, *config.arguments(replay=True), "--report", report)
    text, counts = replay_report(Trace.open(path), config)
    assert text == report.read_text()
    assert counts["streams"] == counts["dma_translations"] == 13_333 and counts["translations"] == 6667
    assert json.loads(text)["smmu"]


def test_wrong_arguments(recorded: pathlib.Path, tmp_path: pathlib.Path) -> None:
    trace = Trace.open(recorded)
    config = Config("generic")
    config.replay.leaf = 5000
    with pytest.raises(ConfigError, match="replay.leaf"):
        replay(trace, config)
    with pytest.raises(TypeError, match="Trace is needed"):
        replay([5])  # type: ignore[list-item]
    with pytest.raises(TraceError, match="none.trace"):
        replay(tmp_path / "none.trace")
    with pytest.raises(ValueError, match="at least one"):
        replay([])
    with pytest.raises(ValueError, match="tlb.l2"):
        replay(trace, ghosts=[("l2", 4, 4)])
    for ghosts in (["tlb.l2=entries:64,ways:4"], "tlb.l2=entries:64,ways:4", [("tlb.l2", 64)], [64]):
        with pytest.raises(TypeError, match=r"ghosts: \(structure, entries, ways\)"):
            replay(trace, ghosts=ghosts)  # type: ignore[arg-type]
    for given, hint in (
        (trace[:5], r"Trace.from_records\(array\)"),
        (numpy.zeros(5, "u8"), r"Trace.from_arrays\(va=array\)"),
        (trace.frame(0, 5), r"Trace.from_arrays\(\*\*frame\)"),
    ):
        for function in (replay, trapwalk.miss_curve, trapwalk.miss_shares):
            with pytest.raises(TypeError, match=hint):
                function(given)  # type: ignore[operator]
    with pytest.raises(TypeError):
        replay(trace, records=1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="virt"):
        replay(trace, Config(platform="dma-study"))
    damaged = bytearray(recorded.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    broken = tmp_path / "broken"
    broken.write_bytes(damaged)
    with pytest.raises(TraceError, match="offset"):
        replay(Trace.open(broken))


def test_names_and_paths(recorded: pathlib.Path) -> None:
    trace = Trace.open(recorded)
    assert replay(recorded).name == "true" and replay([recorded, recorded]).name == "true"
    assert replay(recorded, name="mine").name == "mine"
    imported = import_trace(ROOT / "traces/true.lackey.zst", "lackey")
    assert imported.name == "true.lackey.zst" and pickle.loads(pickle.dumps(imported)).name == imported.name
    assert trapwalk.miss_curve(str(recorded)).misses(64) == trapwalk.miss_curve(trace).misses(64)
    assert trapwalk.miss_shares(recorded).together.misses(64) == trapwalk.miss_curve(trace).misses(64)
    page = trace._repr_html_()
    assert "lackey: true.lackey.zst" in page and f"{int(trace[0]['va']):#x}" in page
    for wrong in (Config(), {"a": 1}, 5):
        with pytest.raises(TypeError, match="traces: a trapwalk.Trace is needed"):
            replay(wrong)  # type: ignore[arg-type]


def test_progress_and_its_exceptions(recorded: pathlib.Path) -> None:
    seen: list[int] = []
    replay_report(Trace.open(recorded), progress=seen.append)
    assert seen == sorted(seen) and seen[-1] == len(Trace.open(recorded))

    def stop(records: int) -> None:
        raise StopIteration(records)

    with pytest.raises(StopIteration):
        replay_report(Trace.open(recorded), progress=stop)


def test_what_is_set_while_it_goes_on_is_for_the_next_replay() -> None:
    trace = Trace.from_arrays(numpy.arange(100_000, dtype="u8") % numpy.uint64(5000) * numpy.uint64(4096))
    config = Config("generic", sets={"replay.quantum": 1000, "replay.switch": "flush"})
    before = replay_report([trace, trace], config)
    calls = []

    def change(records: int) -> None:
        calls.append(records)
        config["replay.quantum"] = 50_000
        config["mmu.l2.latency"] = 1

    assert replay_report([trace, trace], config, progress=change) == before
    assert calls[0] < 200_000
    assert replay_report([trace, trace], config) != before


def test_ctrl_c_ends_a_replay() -> None:
    trace = Trace.from_arrays(numpy.arange(2_000_000, dtype="u8") % numpy.uint64(5000) * numpy.uint64(4096))
    previous = signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            while True:
                replay_report([trace] * 20)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
