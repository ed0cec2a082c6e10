#!/usr/bin/env python3
"""The events of a whole run: they change nothing else of the report; one by one they are what the report's sums say; a short log is the
end (or the beginning) of the long one; and the trace for Perfetto keeps the format's rules and has the same sums.

Usage: events.py TRAPWALK ELF|dma-study [RUN-OPTION...]
"""
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

from perfetto import Trace

LIMIT = 1_000_000


def run(trapwalk: str, elf: str, folder: pathlib.Path, name: str, options: list[str]) -> tuple[str, str]:
    """What it printed, and its report."""
    report = folder / f"{name}.json"
    what = ["--platform", elf] if elf == "dma-study" else ["--kernel", elf]
    done = subprocess.run([trapwalk, "run", *what, "--report", str(report), *options], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout, report.read_text()


def without_events(report: str) -> str:
    begin = report.index(',\n "events": ')
    return report[:begin] + "\n}\n"


def rows(table: dict) -> list[dict]:
    columns = {name: column for name, column in table.items() if isinstance(column, list)}
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def inside(table: dict, i: int) -> int:
    return sum(column[i] for column in table["inside"].values())


def key_of(trap: dict) -> tuple:
    return json.dumps(trap["from"]), trap["to"], trap["exception_class"], trap["control"], trap["subject"]


def check_traps(core: dict, events: dict) -> None:
    sums: dict[tuple, collections.Counter] = collections.defaultdict(collections.Counter)
    for i, event in enumerate(rows(events["traps"])):
        sum_ = sums[key_of(events["trap_keys"][event["key"]])]
        own = inside(events["traps"], i)
        sum_ += collections.Counter(count=1, returned=event["returned"], away=event["away"], inside_total=own)
        if event["returned"]:
            sum_ += collections.Counter(cycles=own, inclusive=event["cycles"] - event["away"])
        sums[key_of(events["trap_keys"][event["key"]])] = sum_
    assert set(sums) == {key_of(t) for t in core["traps"]}
    for trap in core["traps"]:
        sum_ = sums[key_of(trap)]
        expected = {"cycles": trap["cycles"]["sum"], "inclusive": trap["inclusive"]["sum"], **{m: trap[m] for m in ("count", "returned", "away", "inside_total")}}
        assert {name: sum_[name] for name in expected} == expected, (trap["control"], sum_, expected)


def check_core(core: dict, events: dict) -> None:
    check_traps(core, events)
    phases = [(p["begin"], p["begin"] + p["cycles"]) for p in rows(events["phases"])]
    assert sum(end - begin for begin, end in phases) == core["elapsed"] - core["origin"]
    idle = rows(events["idle"])
    assert sum(i["cycles"] for i in idle) == sum(c["cycles"].get("idle", 0) for c in core["contexts"])
    guests = {c["context"]["vmid"] for c in core["contexts"] if c["context"]["guest"]}
    assert {w["vmid"] for w in rows(events["worlds"]) if w["guest"]} <= guests
    for spans in (idle, rows(events["worlds"])):
        last = 0
        for span in spans:
            assert span["begin"] >= last and span["cycles"] > 0
            last = span["begin"] + span["cycles"]
            assert any(begin <= span["begin"] and last <= end for begin, end in phases), span
    walks = rows(events["walks"])
    assert len(walks) == sum(w["count"] for w in core["walks"])
    assert sum(w["cycles"] for w in walks) == sum(w["cycles"]["sum"] for w in core["walks"])
    assert sum(w["fetches"] for w in walks) == sum(w["fetches"]["sum"] for w in core["walks"])
    samples = rows(events["samples"])
    assert samples[-1]["instructions"] == core["instructions"] and samples[-1]["walks"] == len(walks)
    assert all(a["at"] <= b["at"] for a, b in zip(samples, samples[1:]))


def check_interrupts(report: dict, events: dict) -> None:
    table, sources = events["interrupts"], events["interrupt_sources"]
    names = ("intid", "cpu", "virtual", "vmid")
    taken, waited = collections.Counter(), collections.Counter()
    for event in rows(table):
        who = tuple(sources[event["source"]][n] for n in names)
        taken[who] += event["acknowledged_ps"] != 0
        if event["acknowledged_ps"] and event["asserted_ps"]:
            waited[who] += max(event["acknowledged_ps"] - event["asserted_ps"], 0)
    for interrupt in report["interrupts"]:
        who = tuple(interrupt[n] for n in names)
        assert taken[who] == interrupt["count"], (who, taken[who], interrupt["count"])
        assert waited[who] == interrupt["asserted_to_ack_ps"]["sum"], who


def check_dma(report: dict, events: dict) -> None:
    answered = collections.Counter(events["dma_levels"][e["level"]] for e in rows(events["dma"]))
    for i, event in enumerate(rows(events["dma"])):
        assert inside(events["dma"], i) == event["cycles"]
    for level in ("tlb", "walk", "fault"):
        assert answered[level] == sum(s["translations"][level] for smmu in report.get("smmu", []) for s in smmu["streams"]), level


def check_rings(trapwalk: str, elf: str, folder: pathlib.Path, options: list[str], everything: dict) -> None:
    short = {keep: json.loads(run(trapwalk, elf, folder, keep, [*options, "--events", f"limit=7,kinds=all,keep={keep}"])[1])["events"][0] for keep in ("first", "last")}
    for keep, events in short.items():
        pairs = [(events["interrupts"], everything["interrupts"]), (events["dma"], everything["dma"])]
        for few, all_ in zip(events["cores"], everything["cores"]):
            pairs += [(few[t], all_[t]) for t in ("traps", "worlds", "idle", "walks", "samples", "phases")]
        for few, all_ in pairs:
            some, many = rows(few), rows(all_)
            assert few["dropped"] == max(len(many) - 7, 0)
            for member in ("key", "source"):  # the short log numbers its own
                for row in some + many:
                    row.pop(member, None)
            assert some == (many[:7] if keep == "first" else many[-7:]), keep


def check_trace(path: pathlib.Path, report: dict, events: dict) -> str:
    trace = Trace(path)
    laid_out = 0
    for core, of_core in zip(report["cores"], events["cores"]):
        process = f"cpu {core['cpu']}:"
        traps = [s for s in trace.every(process, "traps from") if "returned" in s.args]
        assert len(traps) == len(of_core["traps"]["key"])
        assert sum(s.args["cycles"] for s in traps) == sum(of_core["traps"]["cycles"])
        for trap in traps:
            parts = collections.Counter()
            for part in trap.inside + [none for part in trap.inside if set(part.args) == {"cycles"} for none in part.inside]:  # shorter than a nanosecond
                if set(part.args) == {"cycles"} and part.name != "switched out":
                    parts[part.name] += part.args["cycles"]
            if parts:
                assert parts == {n: trap.args[n] for n in of_core["traps"]["inside"] if trap.args.get(n)}, (trap.name, parts, trap.args)
                laid_out += 1
        assert laid_out > 0.9 * len(traps), f"{laid_out} of {len(traps)} traps have parts"
        runs = trace.every(process, "runs")
        assert len(runs) == len(of_core["worlds"]["begin"]) + len(of_core["idle"]["begin"])
        assert len(trace.every(process, "walks")) == len(of_core["walks"]["at"])
    interrupts = [s for s in trace.every("interrupts", "") if s.name == "interrupt"]
    assert len(interrupts) == len(events["interrupts"]["source"])
    acknowledged = sum(ps != 0 for ps in events["interrupts"]["acknowledged_ps"])
    assert trace.arrows <= acknowledged and (trace.arrows > 0) == (acknowledged > 0), (trace.arrows, acknowledged)
    assert len(trace.every("SMMU", "")) == len(events["dma"]["source"])
    return f"{len(trace.events)} events of a trace, {trace.arrows} arrows, {laid_out} traps with parts"


def main() -> None:
    trapwalk, elf, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        printed, plain = run(trapwalk, elf, folder, "plain", options)
        asked = [*options, "--events", f"limit={LIMIT},kinds=all", "--perfetto", str(folder / "trace.json")]
        same, text = run(trapwalk, elf, folder, "events", asked)
        assert printed == same, "the console's text is another"
        assert without_events(text) == plain, "the report is another"
        report = json.loads(text)
        events = report["events"][0]
        for core, of_core in zip(report["cores"], events["cores"], strict=True):
            check_core(core, of_core)
        check_interrupts(report, events)
        check_dma(report, events)
        check_rings(trapwalk, elf, folder, options, events)
        assert elf != "dma-study" or len(events["dma"]["source"]) > 100
        seen = check_trace(folder / "trace.json", report, events)
        again = folder / "again.json"
        subprocess.run([trapwalk, "report", "--perfetto", str(again), str(folder / "events.json")], check=True)
        assert again.read_bytes() == (folder / "trace.json").read_bytes(), "run and report write another trace"
        refused = subprocess.run([trapwalk, "report", "--perfetto", str(again), str(folder / "plain.json")], capture_output=True, text=True)
        assert refused.returncode == 2 and "has no events" in refused.stderr, refused
        print(f"{pathlib.Path(elf).name}: {sum(len(c['traps']['key']) for c in events['cores'])} traps, {len(events['interrupts']['source'])} interrupts, "
              f"{len(events['dma']['source'])} translations, {len(text)} bytes; {seen}")


main()
