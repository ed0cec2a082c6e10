// Translation table walks: who walks, and where a walk's cycles go, by stage, level and by who serves its fetches.
const kStage = {
  s1: "var(--d0)",
  s2: "var(--d2)",
  final: "var(--d4)"
};

/// Descriptor fetches by level. A report of before there were any knows the stages alone.
const levelsOf = (w) => w.levels || [];

/// Who walked, what for, then stage and level: of stage 2 of a table's address first the level of that table.
function walkTree(walks) {
  const node = (name, color, children) => {
    const some = children.filter((n) => n.value > 0);
    return {name, color, children: some, value: sum(some.map((n) => n.value))};
  };
  const largest = (name, color, children) => node(name, color, children.sort((a, b) => b.value - a.value));
  /// A node a level, in the order of the walk; `inside(fetches)` is what is in it.
  const split = (fetches, of, what, inside) => {
    const levels = [...new Set(fetches.map(of))].sort((a, b) => a - b);
    return levels.map((n) => ({name: what + n, short: String(n), ...inside(fetches.filter((f) => of(f) === n))}));
  };
  const byLevel = (name, color, fetches) => node(
      name, color, split(fetches, (f) => f.level, "level ", (of) => ({color, value: sum(of.map((f) => f.cycles))})));
  const byTable = (name, color, fetches) =>
      node(name, color, split(fetches, (f) => f.for_stage1_level, "for level ", (of) => {
             const {children, value} = byLevel("", color, of);
             return {color, children, value};
           }));
  const kind = (w) => {
    const nested = w.stage1 && w.stage2, stage2 = levelsOf(w).filter((f) => f.stage === 2);
    const isFinal = (f) => !nested || f.for_stage1_level < 0;
    return largest(w.purpose + ", " + w.regime + ", " + stages(w), "var(--d6)", [
      byLevel("stage 1", kStage.s1, levelsOf(w).filter((f) => f.stage === 1)),
      byTable("stage 2 of a table's address", kStage.s2, stage2.filter((f) => !isFinal(f))),
      byLevel(nested ? "stage 2 of the final IPA" : "stage 2", kStage.final, stage2.filter(isFinal))
    ]);
  };
  const who = [...new Set(walks.map((w) => contextName(w.context)))];
  const of = (name) => walks.filter((w) => contextName(w.context) === name).map(kind);
  return largest("all walks", "var(--d1)", who.map((name) => largest(name, "var(--d1)", of(name))));
}

/// Where the fetches of `walks` stand: a row for what is looked for, along it the levels of stage 2 that find it, and
/// its own descriptor. Cycles and fetches, of a mean walk.
function levelMatrices(walks) {
  const kFinal = "final address", kOwn = "its descriptor";
  const cells = new Map(), rows = new Set(), columns = new Set();
  for (const f of walks.flatMap(levelsOf)) {
    const level = f.stage === 1 ? f.level : f.for_stage1_level;
    const row = level < 0 ? kFinal : "stage 1, level " + level;
    const column = f.stage === 1 ? kOwn : "stage 2, level " + f.level;
    rows.add(row);
    columns.add(column);
    const key = row + "\n" + column, cell = cells.get(key) || {cycles: 0, count: 0};
    cells.set(key, {cycles: cell.cycles + f.cycles, count: cell.count + f.count});
  }
  if (cells.size === 0) return null;
  const sorted =
      (set, last) => [...set].sort((a, b) => (a === last) - (b === last) || a.localeCompare(b, "en", {numeric: true}));
  const heads = [sorted(rows, kFinal), sorted(columns, kOwn)], count = sum(walks.map((w) => w.count));
  const of = (caption, member, text) => matrix(caption, "for \\ fetch", ...heads, (r, c) => {
    const cell = cells.get(r + "\n" + c);
    return cell ? cell[member] / count : null;
  }, {text});
  return h(
      "div", {class: "flow"}, of("Cycles a walk", "cycles", decimal),
      of("Fetches a walk", "count", (n) => n.toFixed(2)));
}
function levels(walks) {
  const matrices = levelMatrices(walks);
  return matrices && [
    h("h3", {}, "By level"),
    h("p", {class: "remark"},
      "Of all walks together; a row of the table below has its own. A row here: whose address is translated, then its own fetch."),
    matrices
  ];
}

function servedBars(walks) {
  const names = [...new Set(walks.flatMap((w) => Object.keys(w.served_by)))];
  if (names.length === 0) return null;
  if (names.length === 1) return h("p", {class: "remark"}, "All descriptor fetches were served by: " + names[0] + ".");
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

function walksSection(core, notes) {
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
      root.value > 0 &&
          icicle("Cycles of all walks: who walked, what for, in which stage, and at which level", root, "cycles"),
      root.value > 0 && legend([
        {name: "stage 1", color: kStage.s1}, {name: "stage 2 of a table's address", color: kStage.s2},
        {name: "stage 2 of the final IPA, or alone", color: kStage.final}
      ]),
      servedBars(rows), levels(rows),
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
            detail: (w) =>
                [levelMatrices([w]),
                 distributions(
                     [w.cycles, {caption: "Cycles of a walk", unit: "cycles"}],
                     [w.fetches, {caption: "Fetches of a walk", unit: "fetches"}])]
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
