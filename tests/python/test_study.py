"""The DMA study's results as tables and figures, against its report, its text and what was asked for."""

import math
import re
from typing import Any

import pytest

import trapwalk
from trapwalk import Config, Run


def run(**sets: Any) -> Run:
    return trapwalk.run(Config(platform="dma-study", sets={key.replace("__", "."): v for key, v in sets.items()}))


@pytest.fixture(scope="module")
def masters() -> Run:
    return run(study__masters=2, traffic__requests=500, traffic__read_share=30)


@pytest.fixture(scope="module")
def ios() -> Run:
    return run(study__work="io", study__ios=200)


def test_masters(masters: Run) -> None:
    table = masters.study_masters
    assert len(table) == 2 and set(table["master"]) == {m["name"] for m in masters.report["study"]["masters"]}
    assert (table["reads"] + table["writes"] == 500).all() and (table["writes"] > 0).all()
    assert (table["refused"] == 0).all() and (table["wrong"] == 0).all() and (table["substream"] == -1).all()
    size = masters.parameters.set_index("key").at["traffic.size", "value"]
    assert (table["read_bytes"] == size * table["reads"]).all()
    seconds = table["elapsed"] / 1e12
    assert (table["read_rate"] * seconds).round().tolist() == table["read_bytes"].tolist()
    assert (table["request_rate"] * seconds).round().tolist() == [500, 500]
    for kind in ("read", "write"):
        assert (table[f"{kind}_p50"] <= table[f"{kind}_p99"]).all() and (table[f"{kind}_mean"] > 0).all()
    assert masters.study_latencies.empty and masters.study_commands.empty
    assert masters.metric("study.wrong_words") == 0 and "study.io.count" not in masters.metrics().index


def test_ios(ios: Run) -> None:
    assert ios.study_masters.empty and ios.metric("study.io.count") == 200
    times = ios.study_latencies.set_index("name")
    assert times.at["I/O", "count"] == 200 and times.at["I/O", "mean"] > times.at["unmapping", "mean"]
    assert (times["min"] <= times["mean"]).all() and (times["mean"] <= times["max"]).all()
    assert times.at["to the doorbell", "mean"] < times.at["to the end of CMD_SYNC", "mean"]
    sent = ios.study_commands.set_index("name")["count"]
    assert sent["CMD_SYNC"] == times.at["to the end of CMD_SYNC", "count"] > 0
    io = ios.report["study"]["io"]
    assert math.isclose(ios.metric("study.io.rate"), 200e12 / io["elapsed_ps"])


def test_stalled_faults() -> None:
    stalled = run(study__faults="stall", traffic__may_stall=True, traffic__requests=1000)
    answers = stalled.study_latencies
    assert list(answers["name"]) == ["fault"] and answers["mean"][0] > 0
    assert stalled.metric("study.faults.mapped") == answers["count"][0] > 0


def test_the_text_says_the_same(masters: Run, ios: Run) -> None:
    """`trapwalk run` prints what the tables hold; a report kept as a file keeps the study."""
    again = Run.from_json(masters._json)
    assert again == masters and again.study_masters.equals(masters.study_masters)
    assert "study" in masters._json and not re.search(r"\bnan\b", ios.summary())


def test_other_runs_have_empty_tables(masters: Run) -> None:
    report = {key: value for key, value in masters.report.items() if key != "study"}
    other = Run.from_report(report)
    assert other.study_masters.empty and other.study_latencies.empty and other.study_commands.empty
    assert list(other.study_masters.columns) == list(masters.study_masters.columns)
    assert not [name for name in other.metrics().index if name.startswith("study.")]
