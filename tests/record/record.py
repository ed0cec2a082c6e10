#!/usr/bin/env python3
"""trapwalk run --record, against what guests/programs/trace.c says of itself (its EXPECT lines are the same on QEMU), and what
the architecture and the documents promise of every trace.
Usage: record.py TRAPWALK GUESTS"""
import collections
import hashlib
import json
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import trace_file  # noqa: E402

trapwalk, guests = sys.argv[1], pathlib.Path(sys.argv[2])
work = pathlib.Path(tempfile.mkdtemp(prefix="trapwalk-record-"))
failures = []
KIND_NAMES = {"table": "table-write"}  # where the command has another name than the reader


def check(what, got, wanted):
    if got != wanted:
        failures.append(what)
        print(f"FAIL {what}: {str(got)[:300]} is not {str(wanted)[:300]}")
    else:
        print(f"ok   {what}")


def run(*arguments, command="run", status=0, **more):
    done = subprocess.run([trapwalk, command, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL, **more)
    check(f"status of {' '.join(map(str, arguments))[:90]}", done.returncode, status)
    return done


def expected(output):
    """(records without fetches, (first, last) of the block)"""
    records, block = [], None
    for line in output.splitlines():
        words = line.split()
        if line.startswith("BLOCK"):
            block = int(words[1], 16), int(words[2], 16)
        if not line.startswith("EXPECT"):
            continue
        if words[1] == "invalidate":
            va, ipa, el, vmid, asid = (int(word, 0) for word in words[3:])
            records.append(("invalidate", va, ipa, 0, 0, el, vmid, asid, words[2]))
        else:
            records.append((words[1], *(int(word, 0) for word in words[2:]), "none"))
    return records, block


def plain(record):
    return (record.kind, record.va, record.ipa, record.pa, record.size, record.el, record.vmid, record.asid, record.scope)


def lines_of(first, last):
    """Straight instructions, cut at lines of 64 bytes."""
    while first < last:
        end = min(last, (first | 63) + 1)
        yield first, end - first
        first = end


def known_sequence():
    guest = guests / "trace.elf"
    region = ["--timed-from", "hint:0", "--timed-until", "hint:1", "--timed-repeat"]
    output = run(*region, "--record", work / "timed.trace", "--kernel", guest).stdout
    wanted, block = expected(output)
    check("EXPECT lines", len(wanted), 34)
    _, records = trace_file.read(work / "timed.trace")
    # Behind the first region, what EL1 and EL2 do for the exception between its two halves is not foreseen.
    known = [plain(record) for record in records if record.kind != "fetch" and
             (record.kind in ("table", "invalidate") or record.va >= 1 << 32)]
    check("data, table writes and TLBIs, in order", known, wanted)
    fetches = [(record.va, record.size) for record in records if record.kind == "fetch"]
    check("fetches of the block, by line", fetches[:len(list(lines_of(*block)))], list(lines_of(*block)))
    check("fetches of the block, where", {record.pa - record.va for record in records if record.kind == "fetch"}, {0})
    check("no stream", {record.stream for record in records}, {trace_file.NO_STREAM})
    check("reach", [record.reach for record in records if record.kind == "invalidate"], [0, 1, 0, 0, 1, 1, 0, 0, 1, 0])
    first = [record for record in records if block[0] <= record.va < block[1]][0]
    check("a fetch comes before what it does", records.index(first), 0)

    run("--record", work / "whole.trace", "--kernel", guest)
    _, whole = trace_file.read(work / "whole.trace")
    data = [plain(record) for record in whole if record.kind != "fetch"]
    start = data.index(wanted[0])
    stage1 = [record for record in wanted if record[6] == 0 and record[5] == 1]
    check("the same of a functional run", data[start:start + len(stage1)], stage1)

    run(*region, "--record", f"{work / 'some.trace'},records=11,el=1,kinds=read+write", "--kernel", guest)
    _, some = trace_file.read(work / "some.trace")
    check("records, el, kinds", [plain(record) for record in some], [record for record in wanted if record[0] in ("read", "write")][:11])
    run(*region, "--record", f"{work / 'writes.trace'},kinds=write", "--kernel", guest)
    _, writes = trace_file.read(work / "writes.trace")
    check("without table-write they are writes", [plain(r)[1] for r in writes if r.el == 1][:9],
          [record[1] for record in wanted if record[0] in ("write", "table") and record[5] == 1][:9])

    run(f"{work / 'again.trace'}", *region, "--kernel", guest, command="record")
    provenance, again = trace_file.read(work / "again.trace")
    check("trapwalk record is run --record", again, records)
    check("provenance, keys", [key for key, _ in provenance], ["command", "build", "configuration", f"file {guest}", "master"])
    check("provenance, software", dict(provenance)[f"file {guest}"], "sha256:" + hashlib.sha256(guest.read_bytes()).hexdigest())


def reports_do_not_differ():
    for name, options in (("trace", []), ("hypervisor_tagged", []), ("hypervisor_tagged", ["--fidelity", "timed"]),
                          ("tlb", ["--cpu", "cortex-a72", "--fidelity", "timed", "--set", "cache.enabled=true"]),
                          ("speed_short", ["--cpu", "cortex-a53", "--fidelity", "timed", "--max-instructions", "300000"]),
                          ("pmu", []), ("debug", []), ("validation_ipi", ["--smp", "2"])):
        common = [*options, "--kernel", guests / f"{name}.elf"]
        status = 3 if "--max-instructions" in options else 0
        run(*common, "--report", work / "a.json", status=status)
        run(*common, "--report", work / "b.json", "--record", work / "any.trace", status=status)
        check(f"report of {name} {' '.join(options)}", (work / "a.json").read_bytes() == (work / "b.json").read_bytes(), True)
    for core in (0, 1):
        check(f"a trace of core {core}", (work / f"any.cpu{core}.trace").exists(), True)
        _, records = trace_file.read(work / f"any.cpu{core}.trace")
        check(f"core {core} did something", len(records) > 1000, True)


def shortcuts_do_not_show():
    """An access that the host has a shortcut for is told as the one that was translated."""
    for name, options in (("trace", []), ("hypervisor_tagged", []), ("hypervisor_tagged", ["--fidelity", "timed"]), ("el0", []),
                          ("contract", ["--fidelity", "timed"]), ("tlb", ["--cpu", "cortex-a72", "--fidelity", "timed"])):
        for on in ("true", "false"):
            run(*options, "--set", f"host.shortcuts={on}", "--record", f"{work / on}.trace,records=100000", "--kernel", guests / f"{name}.elf")
        (_, records), (_, translated) = (trace_file.read(work / f"{on}.trace") for on in ("true", "false"))
        check(f"trace of {name} {' '.join(options)} has something", len(records) > 1000, True)
        check(f"trace of {name} {' '.join(options)} without shortcuts", records == translated, True)


def as_csv(number, record):
    """What `trapwalk trace --csv` has to say of a record of a core."""
    context = [number, KIND_NAMES.get(record.kind, record.kind), record.el, record.vmid, record.asid, ""]
    if record.kind != "invalidate":
        return [*context, hex(record.va), hex(record.ipa), hex(record.pa), record.size, "", "", ""]
    va, ipa = record.scope.startswith("va"), record.scope.startswith("ipa")
    return [*context, hex(record.va) if va else "", hex(record.ipa) if ipa else "", "", record.size, record.scope,
            ("EL1&0", "EL2", "EL3", "EL2&0")[record.regime], ("local", "broadcast", "received", "command")[record.reach]]


def looked_into():
    """trapwalk trace, against the tests' own reader."""
    file = work / "looked.trace"
    run("--record", f"{file},records=150000", "--kernel", guests / "trace.elf")
    provenance, records = trace_file.read(file)
    lines = run(file, "--csv", command="trace").stdout.splitlines()
    check("CSV", lines[1:], [",".join(map(str, as_csv(number, record))) for number, record in enumerate(records)])
    first = len(records) - 70_000  # not where a block begins
    some = run(file, "--csv", "--from", first, "--records", "66000", command="trace").stdout.splitlines()
    check("CSV of a part", some, lines[:1] + lines[1 + first:][:66_000])

    counts = json.loads(run(file, "--json", command="trace").stdout)
    check("JSON: provenance", [tuple(pair) for pair in counts["provenance"]], provenance)
    accesses = [record for record in records if record.kind != "invalidate"]
    for kind in trace_file.KINDS:
        by_el = [sum(record.kind == kind and record.el == el for record in records) for el in range(4)]
        check(f"JSON: {kind}", counts["by_kind_and_el"][KIND_NAMES.get(kind, kind)], by_el)
    spaces = {}
    for record in accesses:
        regime = f"EL{record.el}" if record.el >= 2 else "EL1&0"
        spaces.setdefault((regime, record.vmid, record.asid), []).append(record.va >> 12)
    check("JSON: spaces", {(space["regime"], space["vmid"], space["asid"]): (space["accesses"], space["pages"]) for space in counts["spaces"]},
          {space: (len(pages), len(set(pages))) for space, pages in spaces.items()})
    check("JSON: pages of memory", counts["physical_pages"], len({record.pa >> 12 for record in accesses}))
    tlbis = collections.Counter((record.scope, ("local", "broadcast", "received")[record.reach]) for record in records if record.kind == "invalidate")
    check("JSON: invalidations", {(row["scope"], row["reach"]): row["count"] for row in counts["invalidations"]}, dict(tlbis))
    check("there are some", len(tlbis) >= 5 and len(spaces) >= 3, True)

    text = run(file, command="trace").stdout
    check("text: records", f"{len(records):,} records, {file.stat().st_size:,} bytes" in text, True)
    check("message beyond the end", "--from" in run(file, "--from", len(records) + 1, command="trace", status=2).stderr, True)
    check("nothing at the end", run(file, "--csv", "--from", len(records), command="trace").stdout.splitlines(), lines[:1])
    (work / "no.trace").write_bytes(file.read_bytes()[:-1])
    check("message of a damaged one", "no.trace" in run(work / "no.trace", command="trace", status=2).stderr, True)
    check("message without a file", "which trace" in run(command="trace", status=2).stderr, True)


def virtual_machines():
    run("--record", f"{work / 'vms.trace'},kinds=read+write+table-write+invalidate", "--kernel", guests / "hypervisor_tagged.elf")
    _, records = trace_file.read(work / "vms.trace")
    guest = [record for record in records if record.el < 2 and record.vmid != 0 and record.kind != "invalidate"]
    check("VMIDs", len({record.vmid for record in guest}) >= 2, True)
    check("IPAs that are no PAs", any(record.ipa != record.pa for record in guest), True)
    check("EL2 has no VMID", {record.vmid for record in records if record.el == 2 and record.kind != "invalidate"}, {0})
    check("tables of stage 2 are written at EL2", any(record.kind == "table" and record.el == 2 for record in records), True)


def masters_behind_the_smmu():
    run("--smmu", "v3", "--device", "pl330", "--record", work / "dma.trace", "--kernel", guests / "pl330_smmu.elf")
    _, records = trace_file.read(work / "dma.dma.trace")
    moved = [record for record in records if record.kind != "invalidate"]
    check("streams", len({record.stream for record in moved}) >= 1 and trace_file.NO_STREAM not in {record.stream for record in moved}, True)
    check("translated", any(record.va != record.pa for record in moved), True)
    check("kinds", {record.kind for record in moved} >= {"read", "write"}, True)
    check("CMD_TLBI", any(record.kind == "invalidate" for record in records), True)
    check("a page at most", all(record.va % 4096 + record.size <= 4096 for record in moved), True)


def kept_traces():
    """What traces/MANIFEST says of Linux's DMA: buffers are mapped and unmapped one by one (iommu.strict=1)."""
    traces = pathlib.Path(__file__).resolve().parents[2] / "traces"
    _, records = trace_file.read(traces / "linux-dma.trace")
    moved = [record for record in records if record.kind != "invalidate"]
    unmapped = [record for record in records if record.kind == "invalidate"]
    check("linux-dma.trace: accesses", (len(moved), {record.stream for record in moved}), (12758, {8}))
    check("linux-dma.trace: commands of its SMMU", {record.reach for record in unmapped}, {3})
    check("linux-dma.trace: CMD_TLBI_NH_VA", sum(record.scope == "va-last" for record in unmapped), 3340)
    pages, stale = {}, 0
    for record in records:  # no IOVA leads elsewhere without a TLBI between
        page = record.va >> 12
        if record.kind == "invalidate" and record.scope == "va-last":
            for covered in range(page, page + max(1, record.size >> 12)):
                pages.pop(covered, None)
        elif record.kind != "invalidate":
            stale += pages.setdefault(page, record.pa >> 12) != record.pa >> 12
    check("linux-dma.trace: IOVAs that lead elsewhere without a TLBI", stale, 0)


def what_goes_wrong():
    guest = guests / "trace.elf"
    common = ["--kernel", guest, "--report", work / "survives.json"]
    for option in ("", ",records=1", "x.trace,record=1", "x.trace,el=4", "x.trace,kinds=reads", "x.trace,records=0", "x.trace,records=some"):
        check(f"message of '{option}'", "--record" in run(*common, "--record", option, status=2).stderr, True)
    check("message of a folder", "cannot be written" in run(*common, "--record", work / "none" / "x.trace", status=2).stderr, True)
    check("the file comes first", "first" in run("--kernel", guest, command="record", status=2).stderr, True)

    def full():  # as on a full disk: no file grows beyond so much, and what is written there fails
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    old = work / "full.trace"
    old.write_bytes(b"before")
    (work / "survives.txt").unlink(missing_ok=True)
    done = run("--kernel", guests / "hypervisor_tagged.elf", "--report", work / "survives.txt", "--record", old, status=2, preexec_fn=full)
    check("message of a full disk", f"{old}: cannot be written" in done.stderr.replace("\n", " "), True)
    check("the report survives", (work / "survives.txt").stat().st_size > 1000, True)
    check("what was there stays", old.read_bytes(), b"before")
    check("nothing half-written", [path.name for path in work.glob("*.part")], [])


for step in (known_sequence, reports_do_not_differ, shortcuts_do_not_show, looked_into, virtual_machines, masters_behind_the_smmu, kept_traces, what_goes_wrong):
    step()
print(f"{len(failures)} failures" if failures else f"all as it should be; {work} goes")
if not failures:
    import shutil
    shutil.rmtree(work)
sys.exit(bool(failures))
