// Translation table walks: who walks, and where a walk's cycles go, by stage, level and by who serves its fetches.
const kStage = {
  s1: "var(--d0)",
  s2: "var(--d2)",
  final: "var(--d4)"
};

function walkTree(walks) {
  const leaf = (name, value, color) => ({name, value, color});
  const node = (name, color, children) => {
    const some = children.filter((n) => n.value > 0).sort((a, b) => b.value - a.value);
    return {name, color, children: some, value: sum(some.map((n) => n.value))};
  };
  const kind = (w) => {
    const nested = w.stage1 && w.stage2;
    const inside = node(w.purpose + ", " + w.regime + ", " + stages(w), "var(--d6)", []);
    inside.children = [
      leaf("stage 1", w.cycles_stage1, kStage.s1),
      leaf("stage 2 of a table's address", nested ? w.cycles_stage2 - w.cycles_final_stage2 : 0, kStage.s2),
      leaf(
          nested ? "stage 2 of the final IPA" : "stage 2", nested ? w.cycles_final_stage2 : w.cycles_stage2,
          kStage.final)
    ].filter((n) => n.value > 0);
    inside.value = w.cycles_stage1 + w.cycles_stage2;
    return inside;
  };
  const who = [...new Set(walks.map((w) => contextName(w.context)))];
  return node(
      "all walks", "var(--d1)",
      who.map((name) => node(name, "var(--d1)", walks.filter((w) => contextName(w.context) === name).map(kind))));
}

/// Of the walks kept fetch by fetch: mean cycles by stage and level; a nested walk is a matrix of both.
function levels(cores) {
  const nested = new Map(), counts = {fetches: 0, walks: 0};
  const columns = new Set(), rows = new Set();
  for (const core of cores) {
    for (const w of core.recent_walks) {
      if (w.fetches.length === 0) continue;
      ++counts.walks;
      for (const f of w.fetches) {
        ++counts.fetches;
        const row = f.stage === 1   ? "stage 1, level " + f.level :
            f.for_stage1_level >= 0 ? "stage 1, level " + f.for_stage1_level :
                                      "final address";
        const column = f.stage === 1 ? "its descriptor" : "stage 2, level " + f.level;
        rows.add(row);
        columns.add(column);
        const key = row + "\n" + column;
        const cell = nested.get(key) || {cycles: 0, count: 0};
        cell.cycles += f.cycles;
        cell.count += 1;
        nested.set(key, cell);
      }
    }
  }
  if (counts.walks === 0) return null;
  const sorted =
      (set, last) => [...set].sort((a, b) => (a === last) - (b === last) || a.localeCompare(b, "en", {numeric: true}));
  const cell = (r, c) => nested.get(r + "\n" + c) || null;
  const heads = [sorted(rows, "final address"), sorted(columns, "its descriptor")];
  return [
    h("h3", {}, "By level"),
    h("p", {class: "remark"},
      "Of the last " + plural(counts.walks, "walk") + " that the run kept (--keep-walks), " +
          plural(counts.fetches, "descriptor fetch", "descriptor fetches") +
          "; all walks are in the figures above. A row: whose address is translated, then its own fetch."),
    h("div", {class: "flow"},
      matrix(
          "Cycles a walk", "for \\ fetch", ...heads, (r, c) => (cell(r, c) ? cell(r, c).cycles / counts.walks : null),
          {text: decimal}),
      matrix(
          "Fetches a walk", "for \\ fetch", ...heads, (r, c) => (cell(r, c) ? cell(r, c).count / counts.walks : null),
          {text: (n) => n.toFixed(2)}))
  ];
}

function servedBars(walks) {
  const names = [...new Set(walks.flatMap((w) => Object.keys(w.served_by)))];
  if (names.length === 0) return null;
  const parts = names.map((name, i) => ({name, color: "var(--c" + [4, 0, 7, 6, 2, 3, 5, 8][i % 8] + ")"}));
  return stackedBars(
      "Descriptor fetches by who served them", parts,
      walks.filter((w) => sumOf(w.served_by) > 0).slice(0, 16).map((w) => ({
                                                                     name: walkName(w) + ", " + contextName(w.context),
                                                                     values: names.map((n) => w.served_by[n] || 0),
                                                                     remark: short(sumOf(w.served_by))
                                                                   })),
      "fetches", {even: true});
}

function walksSection(core, cores, notes) {
  if (core.walks.length === 0) return section("walks", "Translation table walks", "None were made.");
  const rows = core.walks.map((w) => ({...w, name: walkName(w), who: contextName(w.context)}))
                   .sort((a, b) => b.cycles.sum - a.cycles.sum);
  const root = walkTree(rows);
  const explained = notes.explained_walks;
  const richest = explained.findIndex((w) => w.fetches === Math.max(...explained.map((x) => x.fetches)));
  return section(
      "walks", "Translation table walks", null,
      h("p", {class: "lead"},
        plural(sum(rows.map((w) => w.count)), "walk") + ", " +
            plural(
                sum(rows.map((w) => w.fetches_stage1 + w.fetches_stage2)), "descriptor fetch", "descriptor fetches") +
            ", " + percent(sum(rows.map((w) => w.cycles.sum)), core.accounted) + " of the cycles of their cores."),
      root.value > 0 && icicle("Cycles of all walks: who walked, what for, and in which stage", root, "cycles"),
      root.value > 0 && legend([
        {name: "stage 1", color: kStage.s1}, {name: "stage 2 of a table's address", color: kStage.s2},
        {name: "stage 2 of the final IPA, or alone", color: kStage.final}
      ]),
      servedBars(rows), levels(cores),
      table(
          [
            words("regime, stages, for", (w) => w.name),
            words("by", (w) => w.who),
            number("walks", (w) => w.count),
            number("faults", (w) => w.faults),
            number("s1 fetches", (w) => w.fetches_stage1),
            number("s2 fetches", (w) => w.fetches_stage2),
            fraction("fetches/walk", (w) => per(w.fetches_stage1 + w.fetches_stage2, w.count)),
            fraction("mean", (w) => mean(w.cycles)),
            number("p50", (w) => w.cycles.p50),
            number("p99", (w) => w.cycles.p99),
            number("max", (w) => w.cycles.max),
            number("cycles", (w) => w.cycles.sum),
            share("share", (w) => w.cycles.sum, core.accounted),
          ],
          rows, {
            label: "Translation table walks",
            sort: 11,
            limit: 25,
            detail: (w) => distributions(
                [w.cycles, {caption: "Cycles of a walk", unit: "cycles"}],
                [w.fetches, {caption: "Fetches of a walk", unit: "fetches"}])
          }),
      explained.length > 0 && [
        h("h3", {}, "Fetch by fetch"),
        explained.map(
            (w, i) =>
                h("details", {open: i === richest},
                  h("summary", {},
                    (w.which === "longest" ? "one of the longest" : "one of the last") + ": " + w.key + ", " +
                        plural(w.fetches, "fetch", "fetches") + ", " + plural(w.cycles, "cycle") + ", cpu " + w.cpu),
                  h("pre", {tabindex: "0"}, w.tree)))
      ]);
}
