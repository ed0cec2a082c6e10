"""Run: tables, figures and texts of real reports, against the JSON read by other means and what the guest counted."""

import copy
import json
import math
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy
import pandas
import pytest
from reports import TRAPWALK, Recorded

import trapwalk
from trapwalk.tables import TABLES


@pytest.fixture(params=["tagged", "flush", "dma", "functional"])
def recorded(request: pytest.FixtureRequest) -> Recorded:
    found: Recorded = request.getfixturevalue(request.param)
    return found


def test_every_table_has_its_documented_columns(recorded: Recorded) -> None:
    documented = trapwalk.Run.columns()
    for name in TABLES:
        frame = getattr(recorded.run, name)
        mine = documented[documented["table"] == name]
        assert list(frame.columns) == list(mine["column"])
        assert (mine["what"] != "").all()
        assert frame.attrs["keys"] == list(mine["column"][mine["key"]])
        assert not frame.duplicated(frame.attrs["keys"]).any(), name
        numbers = frame.select_dtypes("number").columns
        assert set(frame.attrs["units"]) >= set(numbers)


def test_the_ledger_is_conserved(recorded: Recorded) -> None:
    ledger = recorded.run.ledger
    causes = [name for name in ledger.columns if ledger.attrs["units"].get(name) == "cycles"]
    for core in recorded.json["cores"]:
        cycles = ledger.loc[ledger["cpu"] == core["cpu"], causes].to_numpy().sum()
        assert cycles == core["elapsed"] - core["origin"]
    assert recorded.run.contexts["cycles"].sum() == recorded.run.cores["cycles"].sum()
    assert math.isclose(recorded.run.contexts["share"].sum(), 1)


def test_parts_and_causes_of_traps_add_up_to_their_cycles(recorded: Recorded) -> None:
    run = recorded.run
    inside = [sum(t["inside"].values()) for c in recorded.json["cores"] for t in c["traps"]]
    assert sorted(inside, reverse=True) == list(run.traps["cycles"])
    for table in (run.trap_parts, run.trap_causes):
        assert list(table["reason"]) == list(run.traps["reason"])
        cycles = table.drop(columns=table.attrs["keys"]).sum(axis=1, numeric_only=True)
        assert list(cycles) == sorted(inside, reverse=True)
    assert (run.traps["count"] == run.traps["returned"] + run.traps["unfinished"]).all()


def test_traps_are_those_that_the_guest_counted(tagged: Recorded) -> None:
    lines = re.findall(r"^traps: hypervisor EC=0x([0-9a-f]+) n=(\d+)", tagged.console, re.M)
    counted = {int(ec, 16): int(n) for ec, n in lines}
    assert len(counted) >= 7
    traps = tagged.run.traps
    by_class = traps[traps["to"] == 2].groupby("exception_class")["count"].sum()
    # The two benchmarks that QEMU runs differently (NOTE twe, NOTE tidcp) are not in the guest's sum: four traps of
    # their own and a last hypercall each.
    for ec, n in ((0x01, 4), (0x18, 4), (0x16, 2)):
        counted[ec] += n
    assert {ec: by_class[ec] for ec in counted} == counted


def test_distributions_have_their_traps_in_them(tagged: Recorded) -> None:
    traps = tagged.run.traps
    for row in range(0, len(traps), 10):
        buckets = tagged.run.distribution(row)
        assert buckets["count"].sum() == traps.at[row, "returned"]
        assert (buckets["upper"] > buckets["lower"]).all()
        assert (buckets["lower"].iloc[1:].to_numpy() >= buckets["upper"].iloc[:-1].to_numpy()).all()
        middle = (buckets["lower"] * buckets["count"]).sum() / buckets["count"].sum()
        assert middle <= traps.at[row, "mean"] <= middle * (1 + 1 / 64) + 1
    with pytest.raises(trapwalk.Error, match=f"0 to {len(traps) - 1}"):
        tagged.run.distribution(len(traps))
    with pytest.raises(trapwalk.Error, match="exclusive"):
        tagged.run.distribution(0, "exclusive")


def test_walks(recorded: Recorded) -> None:
    walks = recorded.run.walks
    served = walks[[name for name in walks.columns if name.startswith("served_by_")]].sum(axis=1)
    assert (served == walks["fetches_stage1"] + walks["fetches_stage2"]).all()
    assert (walks["cycles_stage1"] + walks["cycles_stage2"] <= walks["cycles"]).all()
    levels = recorded.run.walk_levels
    keys = [key for key in walks.attrs["keys"] if key != "who"]
    for stage in (1, 2):
        counted = levels[levels["stage"] == stage].groupby(keys)[["count", "cycles"]].sum()
        of_walks = walks.set_index(keys)[[f"fetches_stage{stage}", f"cycles_stage{stage}"]]
        assert counted.to_numpy().tolist() == of_walks.loc[counted.index].to_numpy().tolist()
        assert counted["count"].sum() == of_walks[f"fetches_stage{stage}"].sum()
    final = levels[(levels["stage"] == 2) & (levels["for_stage1_level"] < 0)]
    assert final["cycles"].sum() == walks["cycles_final_stage2"].sum()
    fetches = recorded.run.walk_fetches
    per_walk = fetches.groupby(["cpu", "kept", "walk"]).size()
    kept = [len(w["fetches"]) for c in recorded.json["cores"] for w in c["recent_walks"] if w["fetches"]]
    assert list(per_walk) == kept


def test_levels_of_walks_that_were_all_kept(tagged: Recorded) -> None:
    """The tables of all walks and of those kept whole, which are counted apart, say the same."""
    place = ["cpu", "who", "regime", "purpose", "stage", "level", "for_stage1_level"]
    fetches = tagged.run.walk_fetches
    assert fetches.groupby(["cpu", "walk"]).ngroups == tagged.run.walks["count"].sum()
    kept = fetches.groupby(place)["cycles"].agg(["count", "sum"])
    levels = tagged.run.walk_levels.groupby(place)[["count", "cycles"]].sum()
    assert kept.to_numpy().tolist() == levels.loc[kept.index].to_numpy().tolist() and len(kept) == len(levels)


def test_a_whole_nested_walk_has_its_fetches(tagged: Recorded) -> None:
    """(n1 + 1)(n2 + 1) - 1 descriptors, where every stage-2 walk has as many."""
    fetches = tagged.run.walk_fetches
    nested = fetches[fetches["stage1"] & fetches["stage2"] & ~fetches["fault"] & (fetches["purpose"] != "AT")]
    whole = 0
    for _, walk in nested.groupby(["cpu", "walk"]):
        n1 = (walk["stage"] == 1).sum()
        lengths = set(walk[walk["stage"] == 2].groupby("for_stage1_level").size())
        if len(lengths) == 1:
            assert len(walk) == (n1 + 1) * (lengths.pop() + 1) - 1
            whole += 1
    assert whole > 100


def test_events(tagged: Recorded, flush: Recorded) -> None:
    run = tagged.run
    traps = run.events()
    assert list(traps.columns[:7]) == ["who", "to", "exception_class", "control", "subject", "begin", "cycles"]
    assert traps.attrs["dropped"] == 0 and len(traps) == run.metric("traps.count")
    counted = run.traps.groupby(["who", "to", "control"])["count"].sum()
    assert traps.groupby(["who", "to", "control"]).size().to_dict() == counted.to_dict()
    inside = traps[[name for name in traps.columns if name.startswith("inside_")]].sum().sum()
    assert inside == run.metric("traps.cycles")
    assert traps["begin_us"].max() < 1e6 * run.metric("seconds")
    worlds = run.events("worlds")
    assert (worlds["begin"].iloc[1:].to_numpy() >= (worlds["begin"] + worlds["cycles"]).iloc[:-1].to_numpy()).all()
    interrupts = run.events("interrupts")
    acknowledged = interrupts[interrupts["acknowledged_ps"] > 0].groupby(["intid", "cpu", "virtual", "vmid"]).size()
    table = run.interrupts[run.interrupts["count"] > 0]
    assert acknowledged.to_dict() == table.set_index(["intid", "cpu", "virtual", "vmid"])["count"].to_dict()
    for what, cpu, message in (("walks", 0, "kinds=walks"), ("traps", 3, "no core 3"), ("trap", 0, "'trap'.* traps")):
        with pytest.raises(trapwalk.Error, match=message):
            run.events(what, cpu=cpu)
    with pytest.raises(trapwalk.Error, match="no events"):
        flush.run.events()


def test_structures(recorded: Recorded) -> None:
    for table in (recorded.run.tlbs, recorded.run.smmu_tlbs):
        assert (table["hits"] + table["misses"] == table["lookups"]).all()
    rate = recorded.run.tlbs["miss_rate"]
    assert rate[recorded.run.tlbs["lookups"] == 0].isna().all()
    assert rate.dropna().between(0, 1).all()
    caches = recorded.run.caches
    assert (caches["misses"] <= caches["accesses"]).all()


def test_interference_is_a_square_matrix(tagged: Recorded, flush: Recorded) -> None:
    run = tagged.run
    matrix = run.interference("L1 data")
    assert list(matrix.index) == list(matrix.columns) == ["VMID 1", "VMID 2", "no stage 2"]
    l1 = next(t for t in tagged.json["cores"][0]["tlbs"] if t["name"] == "L1 data")
    assert matrix.to_numpy().sum() == l1["evictions"]
    one = next(e for e in l1["evictions_by"] if e["victim"]["vmid"] == 1 and e["evictor"]["vmid"] == 2)
    assert matrix.at["VMID 1", "VMID 2"] == one["count"]
    assert "VMID 2" not in flush.run.interference("L1 data").index  # nobody's entries outlive a switch
    assert run.interference("IPA cache").empty
    for name, kind, message in (("L1data", "tlb", "no tlb 'L1data'; nearest: L1 data"), ("L2", "tlbs", "tlb or cache, not 'tlbs'")):
        with pytest.raises(trapwalk.Error, match=message):
            run.interference(name, kind)


def test_ghosts(tagged: Recorded) -> None:
    """The ghost of the size that the TLB has misses exactly as it does."""
    ghosts = tagged.run.ghosts.set_index("entries")
    real = tagged.run.tlbs.set_index("name").loc["L2"]
    assert (real["entries"], real["ways"]) == (1024, 4)
    assert ghosts.at[1024, "misses"] == real["misses"] == tagged.run.metric("ghosts.tlb.l2.1024x4.misses")


def test_smmu(dma: Recorded, tagged: Recorded) -> None:
    streams = dma.run.smmu_streams
    assert len(streams) > 1
    answered = streams[[name for name in streams.columns if name.startswith("answered_")]].sum(axis=1)
    assert (answered == streams["translations"]).all()
    parts = [name for name in streams.columns if name.startswith("cycles_")]
    assert len(parts) == 10 and (streams[parts].sum(axis=1) == streams["cycles"]).all()
    assert dma.run.smmu_commands.set_index("name").at["CMD_SYNC", "count"] > 0
    assert "What the SMMU cost" in dma.run.summary()
    assert tagged.run.smmu_streams.empty and tagged.run.smmu_commands.empty and "SMMU" not in tagged.run.summary()


def test_dma_controller(pl330: Recorded, tagged: Recorded) -> None:
    threads = pl330.run.pl330_threads.set_index("thread")
    written = {t["name"]: t for t in pl330.json["pl330"][0]["threads"]}
    assert list(threads.index) == list(written) and threads.index[-1] == "manager"
    channels = threads.drop("manager")
    for way, one in (("reads", "read"), ("writes", "write")):
        assert list(threads[f"{one}_bytes"]) == [t[way]["bytes"] for t in written.values()]
        assert (channels[f"{one}_bytes"] > channels[way]).any()
    # Its tests start programs on several channels and provoke faults.
    assert (channels["starts"] > 0).sum() > 1 and threads["faults"].sum() > 0
    assert (channels["instructions"] >= channels["starts"] - channels["faults"]).all()
    assert channels["read_cycles"].sum() > channels["reads"].sum()
    assert pl330.run.metric("pl330.read_bytes") == channels["read_bytes"].sum() > 0
    assert tagged.run.pl330_threads.empty and "pl330" not in "".join(tagged.run.metrics().index)


def test_figures(recorded: Recorded) -> None:
    run, cores = recorded.run, recorded.json["cores"]
    traps = [t for c in cores for t in c["traps"]]
    assert run.metric("cycles") == sum(c["elapsed"] - c["origin"] for c in cores)
    assert run.metric("traps.cycles") == sum(t["inside_total"] for t in traps)
    assert run.metric("traps.count") == sum(t["count"] for t in traps)
    assert run.metric("traps.HVC.count") == sum(t["count"] for t in traps if t["control"] == "HVC")
    assert run.metric("causes.barrier") == sum(x["cycles"].get("barrier", 0) for c in cores for x in c["contexts"])
    assert run.metric("walks.fetches") == sum(w["fetches"]["sum"] for c in cores for w in c["walks"])
    l2 = [t["misses"] for c in cores for t in c["tlbs"] if t["name"] == "L2"]
    assert run.metric("tlbs.l2.misses") == sum(l2)
    assert run.metric("caches.l2.misses") == sum(c["counts"]["misses"] for c in recorded.json["shared_caches"])
    table = run.metrics()
    assert table.index.is_unique and (table["what"] != "").all()
    assert sum(run.metric(f"causes.{name}") for name, _, _ in trapwalk._trapwalk.causes()) == run.metric("cycles")
    for name in table.index:
        value = run.metric(name)
        assert value == table.at[name, "value"] or math.isnan(value)


def test_an_unknown_figure_or_table_names_the_nearest(tagged: Recorded) -> None:
    with pytest.raises(trapwalk.Error, match=r"trap\.cycles.*traps\.cycles"):
        tagged.run.metric("trap.cycles")
    with pytest.raises(trapwalk.Error, match="no table 'trap'.* traps"):
        tagged.run.table("trap")


def test_tables_belong_to_who_asks(tagged: Recorded) -> None:
    traps = tagged.run.traps
    traps.loc[:, "count"] = 0
    assert tagged.run.traps["count"].sum() == tagged.run.metric("traps.count")
    with pytest.raises(AttributeError, match="traps"):
        tagged.run.traps = traps


def test_documentation_has_columns_and_units() -> None:
    document = trapwalk.Run.__dict__["traps"].__doc__
    assert re.search(r"^ +cycles +inside.*\[cycles\]$", document, re.M)


def test_equality_and_copies(tagged: Recorded, flush: Recorded, tmp_path: Path) -> None:
    again = trapwalk.Run.from_report(copy.deepcopy(tagged.run.report))
    assert again == tagged.run and hash(again) == hash(tagged.run) and again.digest() == tagged.run.digest()
    assert tagged.run != flush.run and tagged.run != "a report"
    assert pickle.loads(pickle.dumps(tagged.run)) == tagged.run
    tagged.run.save(tmp_path / "saved.json")
    assert (tmp_path / "saved.json").read_bytes() == tagged.path.read_bytes()
    assert trapwalk.Run.load(tmp_path / "saved.json") == tagged.run
    again.save(tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text()) == tagged.json
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_compare(tagged: Recorded, flush: Recorded) -> None:
    assert tagged.run.compare(tagged.run).empty
    rows = tagged.run.compare(flush.run).set_index(["table", "name"])
    misses = [r.run.metric("tlbs.l2.misses") for r in (tagged, flush)]
    row = rows.loc[("tlbs", "L2: misses")]
    assert [row["a"], row["b"]] == misses and row["difference"] == misses[1] - misses[0] > 0
    assert math.isclose(row["percent"], 100 * (misses[1] - misses[0]) / misses[0], abs_tol=0.1)
    told = subprocess.run([TRAPWALK, "compare", "--json", tagged.path, flush.path], capture_output=True, check=True)
    with pytest.raises(TypeError, match="a trapwalk.Run is needed, not a str"):
        tagged.run.compare(str(flush.path))  # type: ignore[arg-type]
    theirs = [t for t in json.loads(told.stdout)["traps"] if t["difference"]]
    assert list(rows.loc["traps"]["difference"]) == [t["difference"] for t in theirs]


def test_texts_and_pages_are_those_of_the_command(tagged: Recorded, flush: Recorded, tmp_path: Path) -> None:
    told = subprocess.run([TRAPWALK, "report", tagged.path], capture_output=True, text=True, check=True)
    assert tagged.run.to_text() == told.stdout
    mine, theirs = tmp_path / "mine.html", tmp_path / "theirs.html"
    tagged.run.to_html(mine)
    subprocess.run([TRAPWALK, "report", "--html", theirs, tagged.path], check=True)
    assert mine.read_bytes() == theirs.read_bytes()
    tagged.run.compare_html(flush.run, mine)
    subprocess.run([TRAPWALK, "compare", "--html", theirs, tagged.path, flush.path], check=True)
    assert len(mine.read_bytes()) > 10_000 and b"flush" in mine.read_bytes()


def test_summary_says_what_and_why(tagged: Recorded, flush: Recorded, functional: Recorded) -> None:
    text = tagged.run.summary()
    share = tagged.run.metric("traps.share")
    assert f"{tagged.run.metric('traps.count'):,.0f} traps took {100 * share:.1f} % of all cycles" in text
    assert "EL1 VMID 1 to EL2, HVC" in text and "fewer hypercalls" in text and "placeholders" in text
    assert max(len(line) for line in text.splitlines()) < 160
    assert "functional" in functional.run.summary() and "functional:" not in text
    assert "to find again" in flush.run.summary()


def test_advice_is_bounded_by_what_is_there(recorded: Recorded) -> None:
    from trapwalk.advice import advice

    rows = advice(recorded.run)
    assert rows == sorted(rows, key=lambda row: -row.at_most)
    assert all(0 < row.at_most <= recorded.run.metric("cycles") for row in rows)


def test_notebooks(tagged: Recorded) -> None:
    from html.parser import HTMLParser

    class Balance(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []
            self.rows = 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.open.append(tag)
            self.rows += tag == "tr"

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    page = Balance()
    page.feed(tagged.run._repr_html_())
    assert page.open == [] and page.rows == 9
    named = trapwalk.Run.from_report(tagged.run.report, name="<script>")
    assert "<script>" not in named._repr_html_()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], "report"),
        (lambda text: text.replace("trapwalk-report/1", "trapwalk-report/9"), "schema"),
        (lambda text: text.replace('"accounted": ', '"counted": ', 1), r"cores\[0\].*accounted"),
        (lambda text: text.replace('"cpu": 0', '"cpu": "zero"', 1), "cpu"),
        (lambda text: "[]", "report"),
        (lambda text: "", "report"),
    ],
)
def test_what_is_no_report_is_refused(tagged: Recorded, tmp_path: Path, damage, message: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "report.json"
    path.write_text(damage(tagged.path.read_text()))
    with pytest.raises(trapwalk.ReportError, match=message):
        trapwalk.Run.load(path)


def test_files_that_cannot_be(tagged: Recorded, tmp_path: Path) -> None:
    with pytest.raises(trapwalk.Error, match="absent.json.*No such file"):
        trapwalk.Run.load(tmp_path / "absent.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe")
    with pytest.raises(trapwalk.Error, match="bytes.json.*byte 0"):
        trapwalk.Run.load(tmp_path / "bytes.json")
    with pytest.raises(trapwalk.Error, match="absent"):
        tagged.run.save(tmp_path / "absent" / "x.json")


def test_a_full_disk_leaves_what_was_there(tagged: Recorded, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    limited = (
        "import resource, signal, sys, trapwalk\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "run = trapwalk.Run.load(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: run.save(sys.argv[2])\n"
        "except trapwalk.Error as error: print(error)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", limited, tagged.path, path], capture_output=True, text=True, check=True
    )
    assert "report.json: cannot be written: File too large" in told.stdout
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_pandas_finds_what_it_expects(tagged: Recorded) -> None:
    traps = tagged.run.traps
    assert isinstance(traps, pandas.DataFrame)
    assert traps["cycles"].dtype == numpy.int64 and traps["share"].dtype == numpy.float64
    assert traps.groupby("control")["cycles"].sum().max() == tagged.run.metric("traps.HVC.cycles")
    assert tagged.run.parameters.set_index("key").at["mmu.l2.entries", "value"] == 1024
    assert len(tagged.run.provenance) > 8
