// The page of two reports side by side.
const kTitles = {
  totals: "Totals",
  contexts: "Time by exception level and VMID",
  causes: "Time by cause",
  walks: "Translation table walks",
  walk_level_cycles: "Walks by level: cycles",
  walk_level_fetches: "Walks by level: fetches",
  interrupts: "Interrupts",
  tlbs: "TLBs",
  branches: "Branches",
  caches: "Caches",
  smmu_translations: "SMMU: translations",
  smmu_commands: "SMMU: commands",
  smmu_structures: "SMMU: structures",
  pl330: "DMA controller"
};
const signed = (n) => (n > 0 ? "+" : "") + grouped(n);
const change = (a, b) => (a === b ? 0 : a === 0 ? Infinity : (100 * (b - a)) / a);
function changeText(a, b) {
  const c = change(a, b);
  if (c === 0) return "";
  if (c === Infinity) return "new";
  if (Math.abs(c) < 0.05) return "<0.1 %";
  return (c > 0 ? "+" : "") + decimal(c) + " %";
}
const changed = (title, a, b) =>
    ({title, number: true, value: (r) => change(a(r), b(r)), text: (r) => changeText(a(r), b(r))});

/// Bars to the left for less, to the right for more; the zero line in the middle.
function differenceBars(caption, rows, unit) {
  const shown = rows.filter((r) => r.difference !== 0).slice(0, 14);
  if (shown.length === 0) return null;
  const widest = Math.max(...shown.map((r) => Math.abs(r.difference)));
  const bar = (r) => {
    const width = (50 * Math.abs(r.difference)) / widest;
    const style = "width:max(1px," + width.toFixed(2) +
        "%);margin-left:" + (r.difference > 0 ? 50 : 50 - width).toFixed(2) + "%;background:var(--c" +
        (r.difference > 0 ? 2 : 4) + ")";
    return h(
        "div", {class: "strip both", role: "img", "aria-label": signed(r.difference) + " " + unit},
        h("span", {style, title: signed(r.difference) + " " + unit}));
  };
  return h(
      "figure", {class: "chart"}, h("figcaption", {}, caption),
      h("div", {class: "stack"},
        shown.map(
            (r) =>
                h("div", {class: "row"}, h("div", {class: "name"}, r.name), bar(r),
                  h("div", {class: "sum"}, signed(r.difference))))));
}
/// `draw(rows)` of those that differ, and a button for all.
function differing(rows, isSame, draw) {
  const different = rows.filter((r) => !isSame(r));
  const same = rows.length - different.length;
  const place =
      h("div", {}, different.length > 0 ? draw(different) : h("p", {class: "remark"}, "Every row is the same."));
  return [
    place,
    same > 0 &&
        h("div", {class: "bar"},
          h("button", {
            type: "button",
            "aria-pressed": "false",
            onclick: (e) => {
              const all = e.currentTarget.getAttribute("aria-pressed") === "false";
              e.currentTarget.setAttribute("aria-pressed", String(all));
              place.replaceChildren(
                  ...[all                      ? draw(rows) :
                          different.length > 0 ? draw(different) :
                                                 h("p", {class: "remark"}, "Every row is the same.")]);
            }
          },
            plural(same, "row is", "rows are") + " the same"))
  ];
}

function comparePage(c, timelines, notes, frame) {
  const pairs = (key) => {
    const rows = c[key] || [];
    if (rows.length === 0) return null;
    const draw = (list) => table(
        [
          words("what", (r) => r.name, {kind: "words"}), number(c.a, (r) => r.a, {keep: true}),
          number(c.b, (r) => r.b, {keep: true}), number("difference", (r) => r.difference, {
            text: (r) => signed(r.difference),
            cell: (r) => h("span", {class: r.difference === 0 ? "zero" : null}, signed(r.difference))
          }),
          changed("change", (r) => r.a, (r) => r.b)
        ],
        list, {label: kTitles[key], limit: 40, filter: true});
    const bars =
        {contexts: "cycles", causes: "cycles", walk_level_cycles: "cycles", walk_level_fetches: "fetches"}[key];
    return section(
        key, kTitles[key], null,
        bars && differenceBars("Difference, " + c.b + " less " + c.a + ", in " + bars, rows, bars),
        differing(rows, (r) => r.difference === 0, draw));
  };
  const isSame = (t) => t.cycles.a === t.cycles.b && t.count.a === t.count.b && t.mean.a === t.mean.b;
  const name = (t) => t.reason + ", from " + t.from;
  const traps = c.traps.length > 0 && section("traps", "Traps", "The largest difference of all their cycles first.",
    differenceBars("Difference of all their cycles, " + c.b + " less " + c.a, c.traps.map((t) => ({ name: name(t), difference: t.difference })), "cycles"),
    differing(c.traps, isSame, (rows) => table([words("reason", (t) => t.reason, { kind: "words" }), words("from", (t) => t.from), words("to", (t) => t.to),
      number("count " + c.a, (t) => t.count.a, { keep: true }), number("count " + c.b, (t) => t.count.b, { keep: true }),
      fraction("mean " + c.a, (t) => t.mean.a), fraction("mean " + c.b, (t) => t.mean.b), changed("change", (t) => (t.mean.b ? t.mean.a : 0), (t) => (t.mean.a ? t.mean.b : 0)),
      number("cycles " + c.a, (t) => t.cycles.a), number("cycles " + c.b, (t) => t.cycles.b), number("difference", (t) => t.difference, { text: (t) => signed(t.difference) }),
      changed("change", (t) => t.cycles.a, (t) => t.cycles.b)], rows, { label: "Traps", limit: 40, filter: true })));
  const totals = section(
      "totals", "Totals", null, differenceFindings(c),
      h("dl", {class: "cards"},
        c.totals.map(
            (r) => card(
                r.name, r.difference === 0 ? "the same" : changeText(r.a, r.b), short(r.a) + " → " + short(r.b)))));
  const configuration = section(
      "configuration", "What was changed", null,
      c.configuration.length === 0 ?
          h("p", {}, "The configuration is the same.") :
          table(
              [
                words("parameter", (s) => s.key, {cell: (s) => h("code", {}, s.key)}),
                words(c.a, (s) => s.a, {keep: true, kind: "words"}),
                words(c.b, (s) => s.b, {keep: true, kind: "words"}), words("unit", (s) => s.unit)
              ],
              c.configuration, {label: "Configuration, what differs"}));
  frame.header(
      h("header", {},
        h("div", {class: "brand"}, h("strong", {}, "Trapwalk"), "comparison",
          frame.tools(null, saveButton("comparison"))),
        h("h1", {}, c.a + " → " + c.b), h("p", {class: "facts"}, "Differences are " + c.b + " less " + c.a + ".")));
  const rest = [
    "walks", "walk_level_cycles", "walk_level_fetches", "interrupts", "tlbs", "branches", "caches", "smmu_translations",
    "smmu_commands", "smmu_structures", "pl330"
  ];
  const timeline = comparedTimelines(timelines, [c.a, c.b], notes);
  frame.show(
      [totals, configuration, timeline, pairs("contexts"), pairs("causes"), traps, ...rest.map(pairs)].filter(Boolean));
}
