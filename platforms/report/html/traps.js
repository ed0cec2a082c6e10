// Traps: what they cost all together, one by one, and what is inside.
function trapsSection(core, notes) {
  const remark =
      "Cycles from the exception entry to the return, without inner traps. Open a row for what is inside it and for its distribution.";
  if (core.traps.length === 0) return section("traps", "Traps", "None were taken.");
  const {parts, of} = partsOf(notes);
  const rows = core.traps.map((t) => ({...t, name: reason(t), who: contextName(t.from)}))
                   .sort((a, b) => b.inside_total - a.inside_total || b.count - a.count);
  const largest = rows.filter((t) => t.inside_total > 0).slice(0, 12);
  const inTraps = sum(rows.map((t) => t.inside_total));
  const all = core.accounted;
  const refills = (t) => t.tlb_refills_after + t.cache_refills_after;
  const refillCycles = (t) => t.tlb_refill_cycles_after + t.cache_refill_cycles_after;
  const any = (t) => t.cycles.count > 0;
  return section(
      "traps", "Traps", remark,
      h("p", {class: "lead"},
        "All together " + percent(inTraps, all) + " of the cycles; outside of traps " + percent(all - inTraps, all) +
            "."),
      largest.length > 0 &&
          stackedBars(
              "The largest, by cycles of all of them", parts,
              largest.map((t) => ({
                            name: t.name + ", from " + t.who,
                            values: of(t.inside),
                            remark: short(t.inside_total) + " · " + percent(t.inside_total, all)
                          })),
              "cycles"),
      largest.length > 0 &&
          stackedBars(
              "A mean one of each, by what it spends its time on; those that did not return count too", parts,
              largest.map(
                  (t) => ({name: t.name + ", from " + t.who, values: of(t.inside).map((n) => per(n, t.count))})),
              "cycles a trap"),
      table(
          [
            words("reason", (t) => t.name, {kind: "words"}),
            words("from", (t) => t.who),
            words("to", (t) => "EL" + t.to),
            number("count", (t) => t.count),
            fraction("mean", (t) => (any(t) ? mean(t.cycles) : null), {hint: "of those that returned"}),
            number("p50", (t) => (any(t) ? t.cycles.p50 : null)),
            number("p99", (t) => (any(t) ? t.cycles.p99 : null)),
            number("max", (t) => (any(t) ? t.cycles.max : null)),
            share("share", (t) => t.inside_total, all, {hint: "of all cycles"}),
            fraction(
                "with inner traps", (t) => (t.inclusive.sum === t.cycles.sum ? null : mean(t.inclusive)),
                {hint: "mean of what the interrupted code waited"}),
            fraction("instructions", (t) => per(t.instructions, t.count), {hint: "a trap"}),
            fraction(
                "refill cycles after", (t) => per(refillCycles(t), t.count),
                {hint: "what the guest pays after the return, a trap"}),
            number("unfinished", (t) => t.unfinished),
          ],
          rows, {
            label: "Traps",
            sort: 8,
            limit: 25,
            filter: true,
            detail:
                (t) =>
                    [stackedBars(
                         "Inside, mean cycles a trap: " + decimal(per(t.inside_total, t.count)), parts,
                         [{name: t.name, values: of(t.inside).map((n) => per(n, t.count))}], "cycles a trap"),
                     table(
                         [
                           words("cause", (c) => c[0]), number("cycles", (c) => c[1]),
                           fraction("a trap", (c) => per(c[1], t.count)), share("share", (c) => c[1], t.inside_total)
                         ],
                         Object.entries(t.inside), {label: "Causes of " + t.name, sort: 1}),
                     h("p", {},
                       plural(t.walks, "translation table walk") + " inside; " + plural(t.away, "cycle") +
                           " switched out; after the return " + plural(refills(t), "refill") +
                           " of what others displaced, " + plural(refillCycles(t), "cycle") + "."),
                     distributions(
                         [t.cycles, {caption: "Without inner traps", unit: "cycles"}],
                         ...(t.inclusive.sum !== t.cycles.sum ?
                                 [[t.inclusive, {caption: "With inner traps", unit: "cycles"}]] :
                                 [])),
  ]
          }),
      h("h3", {}, "Distributions"),
      h("p", {class: "remark"}, "Of the traps that took the most cycles; those of the others are in their rows above."),
      distributions(...largest.filter(any).slice(0, 6).map(
          (t) => [t.cycles, {caption: t.name + ", from " + t.who, unit: "cycles"}])));
}
