#!/usr/bin/env python3
"""The page of a report in headless Chromium: no error, nothing loaded, tables sort, charts have marks, contrast holds,
no name in a report becomes markup. The page's outline is tests/golden/page.json (TW_REGENERATE=1 writes it anew).

Usage: page.py TRAPWALK SOURCE_FOLDER
"""
import copy
import html
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HOSTILE = '</script><img src=x onerror="window.hacked=1"><!--.elf'
FIRST = "<script>window.seenErrors=[];addEventListener('error',(e)=>seenErrors.push(e.message));</script>"
# Virtual time has few frames, but all timers.
FRAMES = "<script>window.requestAnimationFrame=(f)=>setTimeout(f,0);</script>"


def browser() -> str | None:
    return next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


def environment() -> dict[str, str]:
    """The browser makes a socket in a temporary folder, whose name may be too long for one."""
    return {**os.environ, **({"TMPDIR": "/tmp"} if os.access("/tmp", os.W_OK) else {})}


def probe(page: pathlib.Path, width: int, here: pathlib.Path, script_name: str = "probe.js") -> dict:
    """What a script saw in `page`, in a window so wide."""
    text = page.read_text(encoding="utf-8")
    script = (here / script_name).read_text()
    used = page.with_name(f"{page.stem}-{width}-{script_name}.html")
    used.write_text(text.replace("<style>", FIRST + FRAMES + "<style>", 1).replace("</body>", f"<script>{script}</script></body>", 1), encoding="utf-8")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:  # its processes may outlive it a moment
        ran = subprocess.run([browser(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", f"--user-data-dir={profile}",
                              "--enable-logging=stderr", f"--window-size={width},1200", "--virtual-time-budget=5000", "--dump-dom", used.as_uri()],
                             env=environment(), capture_output=True, text=True)
    consoles = [line for line in ran.stderr.splitlines() if "CONSOLE" in line]
    assert not consoles, f"{page.name}: the console is not empty: {consoles}"
    _, mark, rest = ran.stdout.rpartition('<pre id="probe">')
    assert mark and rest.startswith("{"), f"{page.name}: the probe left nothing: {ran.stdout[-500:]} {ran.stderr[-500:]}"
    return json.loads(html.unescape(rest.partition("</pre>")[0]))


def check(seen: dict, name: str, few: bool = False) -> None:
    assert seen["errors"] == [], f"{name}: {seen['errors']}"
    assert seen["failures"] == [], f"{name}:\n" + "\n".join(seen["failures"])
    assert seen["ready"] == "true" and not seen["hacked"] and seen["contents"], f"{name}: {seen}"
    assert seen["loaded"] == [], f"{name} loads {seen['loaded']}"
    assert seen["overflow"] <= 0, f"{name}: {seen['overflow']} pixels too wide"
    if few:
        return
    assert seen["marks"] > 10 and seen["sorted"] > 20 and seen["contrasts"] > 200 and seen["focusable"] > 20, f"{name}: too little was looked at: {seen['marks']} {seen['sorted']} {seen['contrasts']}"


def check_timeline(seen: dict, report: dict, width: int) -> None:
    """Traps are gone through in the order of time, with the words and figures of the report."""
    assert seen["errors"] == [] and seen["failures"] == [] and seen["overflow"] <= 0, seen
    assert seen["colors"] > 12 and seen["marks"] > 4 and seen["size"][2] > width * 0.6, seen
    events = report["events"][0]["cores"][0]
    keys, traps = events["trap_keys"], events["traps"]
    order = [i for i in sorted(range(len(traps["key"])), key=lambda i: traps["begin"][i]) if keys[traps["key"][i]]["to"] == 2]
    for i, said in zip(order, seen["steps"]):
        key = keys[traps["key"][i]]
        name = ": ".join(t for t in (key["control"], key["subject"]) if t)
        inside = {part: column[i] for part, column in traps["inside"].items() if column[i]}
        assert said.startswith(name) and f"{sum(inside.values()):,} cycles from the instruction to the return" in said, (said, name, inside)
        assert all(f"{part} {cycles:,}" in said for part, cycles in inside.items()), (said, inside)
    assert len(seen["steps"]) == 12 and "VMID 1 runs" in seen["runs"], seen


def numbers(seen: dict, label: str, column: str) -> list[float]:
    table = seen["rows"][label]
    i = table["head"].index(column)
    return [float(row[i].replace(",", "")) for row in table["body"] if row[i] != ""]


def share(part: float, whole: float) -> str:
    return "0.0 %" if part == 0 else "<0.1 %" if part / whole < 0.0005 else f"{100 * part / whole:.1f} %"


def check_findings(seen: dict, report: dict) -> None:
    """What the summary says in words is what the report has in figures."""
    core, said = report["cores"][0], seen["findings"]
    whole, traps, walks = core["accounted"], core["traps"], core["walks"]

    def one(begin: str) -> str:
        (found,) = [line for line in said if line.startswith(begin)]
        return found

    inside = sum(t["inside_total"] for t in traps)
    assert f"{sum(t['count'] for t in traps)} traps" in one(f"Traps took {share(inside, whole)} of all cycles:"), said
    cost = lambda t: t["inside_total"] - t["inside"].get("idle", 0)
    most = max(traps, key=cost)
    name = ": ".join(t for t in (most["control"], most["subject"]) if t)
    assert f"{most['count']} time" in one(f"The dearest: {name}, from ") and share(cost(most), whole) in one("The dearest"), said
    cycles = sum(w["cycles"]["sum"] for w in walks)
    stage2 = sum(w["cycles_stage2"] for w in walks)
    stages = stage2 + sum(w["cycles_stage1"] for w in walks)
    assert one(f"Walks took {share(cycles, whole)} of all cycles:").endswith(f"{share(stage2, stages)} of it in stage 2."), said
    smmu = report["smmu"][0]
    latency = [s["latency"] for s in smmu["streams"]]
    each = sum(d["sum"] for d in latency) / sum(sum(s["translations"].values()) for s in smmu["streams"])
    assert one("The SMMU took ").startswith(f"The SMMU took {each:,.1f} cycles"), said
    unknown = sum(p["provenance"] == "placeholder" for p in report["configuration"])
    assert unknown == 0 or f"{unknown} of {len(report['configuration'])} parameters" in one("Trust differences"), said


def check_ghosts(trapwalk: str, report: dict, folder: pathlib.Path, here: pathlib.Path) -> None:
    """The smallest size that saves nearly all is named, with what it saves; the real structure stands beside the others."""
    (real,) = [t for t in report["cores"][0]["tlbs"] if t["name"] == "L2"]
    real.update(lookups=1000, hits=100, misses=900)
    sizes = {256: 950, 2048: 310, 4096: 300, 8192: 300}
    report["ghosts"] = [{"structure": "tlb.l2", "entries": n, "ways": 0, "lookups": 1000, "misses": m, "estimated_cycles": 20 * m} for n, m in sizes.items()]
    (folder / "ghosts.json").write_text(json.dumps(report))
    subprocess.run([trapwalk, "report", "--html", folder / "ghosts.html", folder / "ghosts.json"], check=True)
    seen = probe(folder / "ghosts.html", 1400, here)
    check(seen, "ghosts.html")
    (said,) = [line for line in seen["findings"] if line.startswith("tlb.l2")]
    saved = 20 * (900 - 310)
    assert said == f"tlb.l2 of 2,048 entries, fully associative, would have missed 310 times, not 900: about {saved / 1000:.3g} k cycles less, {share(saved, report['cores'][0]['accounted'])} of all.", said
    rows = {(row[0], row[1]): row for row in seen["rows"]["Structures of other sizes"]["body"]}
    assert rows["tlb.l2, the real one", f"{real['entries']:,}"][4] == "900" and rows["tlb.l2", "256"][7] == "+1,000", rows


def main() -> int:
    trapwalk, source = sys.argv[1], pathlib.Path(sys.argv[2])
    if not browser():
        print("SKIPPED: no Chromium; install the package chromium", file=sys.stderr)
        return 77
    here = source / "tests/report"
    report = json.loads((source / "tests/golden/report.json").read_text())
    two = copy.deepcopy(report)
    two["run"]["images"] = [HOSTILE]
    two["cores"][0]["model"] = HOSTILE
    two["cores"].append({**copy.deepcopy(report["cores"][0]), "cpu": 1})
    for trap in two["cores"][1]["traps"]:
        trap["control"] = HOSTILE
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "one.json").write_text(json.dumps(report))
        (folder / "two.json").write_text(json.dumps(two))
        run = lambda *arguments: subprocess.run([trapwalk, *arguments], check=True, stdout=subprocess.DEVNULL)
        run("report", "--html", str(folder / "one.html"), str(folder / "one.json"))
        run("report", "--html", str(folder / "two.html"), str(folder / "two.json"))
        run("compare", "--html", str(folder / "compare.html"), str(folder / "one.json"), str(folder / "two.json"))

        one = probe(folder / "one.html", 1400, here)
        check(one, "one.html")
        check_findings(one, report)
        check_ghosts(trapwalk, copy.deepcopy(report), folder, here)
        core = report["cores"][0]
        assert sum(numbers(one, "Traps", "count")) == sum(t["count"] for t in core["traps"])
        assert sum(numbers(one, "Time by exception level and VMID", "cycles")) == core["accounted"]
        assert sum(numbers(one, "Translation table walks", "walks")) == sum(w["count"] for w in core["walks"])
        assert sum(numbers(one, "Interrupts", "taken")) == sum(i["count"] for i in report["interrupts"])
        assert numbers(one, "Time by cause", "cycles") == sorted(numbers(one, "Time by cause", "cycles"), reverse=True)
        caches = core["caches"] + report["shared_caches"]
        shown = one["rows"]["Caches"]
        assert shown["head"][1:] == [c["name"] for c in caches], shown["head"]
        for row in shown["body"]:
            if row[0] in caches[0]["counts"]:
                assert row[1:] == [f"{c['counts'].get(row[0], 0):,}" for c in caches], row
        threads = {t["name"]: t for t in report["pl330"][0]["threads"]}
        shown = one["rows"]["Threads of the DMA controller"]
        assert [row[0] for row in shown["body"]] == [name for name, t in threads.items() if t["instructions"] > 0] and len(shown["body"]) < len(threads)
        row = dict(zip(shown["head"], shown["body"][0]))
        assert row["reads"] == f"{threads['channel 0']['reads']['count']:,}" and row["faults"] == "1", row
        of_tlb = [e for e in report["smmu"][0]["evictions"] if e["structure"] == "TLB"]
        others = sum(e["count"] for e in of_tlb if e["victim"] != e["evictor"])
        label = f"TLB: {sum(e['count'] for e in of_tlb)} evictions, {100 * others / sum(e['count'] for e in of_tlb):.1f} % by another"
        assert label in one["rows"] and others > 0, [name for name in one["rows"] if "evictions" in name]
        changed = [p["key"] for p in report["configuration"] if p["value"] != p["default"] or p["set_by"]]
        assert sorted(row[0] for row in one["rows"]["Parameters that were set"]["body"]) == sorted(changed)

        for width in (1400, 390):
            check_timeline(probe(folder / "one.html", width, here, "probe_timeline.js"), report, width)

        two_seen = probe(folder / "two.html", 390, here)
        check(two_seen, "two.html")
        assert HOSTILE.split("/")[-1] in two_seen["heading"], two_seen["heading"]
        assert sum(numbers(two_seen, "Time by exception level and VMID", "cycles")) == 2 * core["accounted"]
        assert sum(int(cycles.replace(",", "")) for cycles in two_seen["lastCore"]) == core["accounted"]
        assert any(HOSTILE in row[0] for row in two_seen["rows"]["Traps"]["body"])

        both = probe(folder / "compare.html", 390, here)
        check(both, "compare.html")
        # Two cores, each as the one of A.
        assert both["findings"][0].endswith("+100.0 %.") and f"cycles more than one" in both["findings"][0], both["findings"]
        for width in (1400, 390):  # the first of its timelines is one.json's
            check_timeline(probe(folder / "compare.html", width, here, "probe_timeline.js"), report, width)

        # A run writes its page itself; what is beyond a report ("study") is on it, too.
        run("run", "--platform", "dma-study", "--set", "traffic.requests=300", "--set", "study.masters=2", "--events", "limit=50", "--report", str(folder / "study.json"), "--report", str(folder / "study.html"))
        run("report", "--html", str(folder / "again.html"), str(folder / "study.json"))
        assert (folder / "again.html").read_bytes() == (folder / "study.html").read_bytes()
        study = probe(folder / "study.html", 1400, here)
        check(study, "study.html", few=True)
        assert sum(line.startswith("master") and " MB/s: " in line for line in study["findings"]) == 2, study["findings"]
        written = json.loads((folder / "study.json").read_text())
        assert "timeline" in [part["id"] for part in study["outline"]] and len(written["events"][0]["dma"]["begin"]) == 50
        masters = written["study"]["masters"]
        assert sum(numbers(study, "Masters", "requests")) == sum(s["reads"] + s["writes"] for m in masters for s in m["streams"]) == 600

    outline = json.dumps({"report": one["outline"], "comparison": both["outline"]}, indent=1, ensure_ascii=False) + "\n"
    golden = source / "tests/golden/page.json"
    if os.environ.get("TW_REGENERATE"):
        golden.write_text(outline)
    assert golden.read_text() == outline, "the outline is another: TW_REGENERATE=1 writes it anew; read the difference"
    return 0


if __name__ == "__main__":
    sys.exit(main())
