"""A trace in the Trace Event Format, as the viewers of Perfetto and Chrome want it: the rules of the format, checked without them.

Rules: every event has `ph`, `pid`, `tid`, `name`; all but metadata have `ts` (microseconds); a slice (X) has `dur`; slices of a thread nest, and stand in the
file outermost first; processes and threads have names; a counter (C) has numbers; an arrow (s, f) has an id that just these two share, does not go
back in time, and both ends lie in a slice of their thread.
"""
import collections
import decimal
import json
import pathlib

KINDS = {"X", "M", "C", "s", "f"}


def nanoseconds(text: decimal.Decimal) -> int:
    """Exact: the file has three digits behind the point."""
    whole = text * 1000
    assert whole == int(whole) and whole >= 0, f"{text} is no time in nanoseconds"
    return int(whole)


class Slice:
    def __init__(self, event: dict, begin: int, end: int):
        self.name, self.args, self.begin, self.end = event["name"], event["args"], begin, end
        self.inside: list["Slice"] = []


class Trace:
    """`threads`: name of process, name of thread -> outermost slices of all its lanes."""

    def __init__(self, path: pathlib.Path):
        document = json.loads(path.read_text(), parse_float=decimal.Decimal)
        assert document["displayTimeUnit"] == "ns"
        self.events = document["traceEvents"]
        names: dict[str, dict] = {"process_name": {}, "thread_name": {}}
        lanes: dict[tuple[int, int], list[Slice]] = collections.defaultdict(list)
        stacks: dict[tuple[int, int], list[Slice]] = collections.defaultdict(list)
        self.counters: dict[tuple[int, str], list[tuple[int, float]]] = collections.defaultdict(list)
        ends: dict[int, dict] = collections.defaultdict(dict)
        for event in self.events:
            kind, thread = event["ph"], (event["pid"], event["tid"])
            assert kind in KINDS and event["name"] and all(isinstance(n, int) for n in thread), event
            if kind == "M":
                if event["name"] in names:
                    key = thread if event["name"] == "thread_name" else thread[0]
                    assert key not in names[event["name"]], f"named twice: {event}"
                    names[event["name"]][key] = event["args"]["name"]
                continue
            begin = nanoseconds(decimal.Decimal(event["ts"]))
            if kind == "X":
                slice_ = Slice(event, begin, begin + nanoseconds(decimal.Decimal(event["dur"])))
                stack = stacks[thread]
                if stack:
                    last = stack[-1]
                    assert begin >= last.begin, f"{slice_.name} stands behind what begins later"
                while stack and stack[-1].end <= begin and not (begin == slice_.end == stack[-1].end):
                    stack.pop()
                if stack:
                    assert slice_.end <= stack[-1].end, f"{slice_.name} at {begin} is half in {stack[-1].name}, half outside"
                    stack[-1].inside.append(slice_)
                else:
                    lanes[thread].append(slice_)
                stack.append(slice_)
            elif kind == "C":
                assert event["args"] and all(isinstance(v, (int, decimal.Decimal)) for v in event["args"].values()), event
                self.counters[thread[0], event["name"]].append((begin, float(next(iter(event["args"].values())))))
            else:
                assert kind not in ends[event["id"]], f"arrow {event['id']} twice"
                assert kind == "s" or event["bp"] == "e", event
                ends[event["id"]][kind] = (thread, begin)
        self.arrows = len(ends)
        for number, arrow in ends.items():
            assert set(arrow) == {"s", "f"} and arrow["s"][1] <= arrow["f"][1], f"arrow {number}: {arrow}"
            for thread, at in arrow.values():
                assert any(s.begin <= at <= s.end for s in lanes[thread]), f"arrow {number} ends at no slice"
        self.threads: dict[tuple[str, str], list[Slice]] = collections.defaultdict(list)
        for thread, slices in lanes.items():
            self.threads[names["process_name"][thread[0]], names["thread_name"][thread]] += slices
        for process, _ in self.counters:
            assert process in names["process_name"]

    def every(self, process: str, thread: str) -> list[Slice]:
        """All slices of threads whose names begin so, inner ones too."""
        found: list[Slice] = []
        waiting = [s for (p, t), slices in self.threads.items() if p.startswith(process) and t.startswith(thread) for s in slices]
        while waiting:
            found.append(waiting.pop())
            waiting += found[-1].inside
        return found
