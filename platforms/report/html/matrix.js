// Tables whose cells are shaded by their number.
function heat(value, largest) {
  return value > 0 ? "background:rgba(var(--heat)," + (0.08 + 0.37 * Math.sqrt(value / largest)).toFixed(3) + ")" :
                     null;
}
/// `cell(row, column)` -> number, or null for none. `same`: rows and columns are the same things.
function matrix(caption, corner, rows, columns, cell, {same = false, text = grouped} = {}) {
  const largest = Math.max(...rows.flatMap((r) => columns.map((c) => cell(r, c) || 0)), 1e-9);
  return h(
      "div", {class: "frame matrix", tabindex: "0", role: "region", "aria-label": caption},
      h("table", {}, h("caption", {}, caption),
        h("thead", {}, h("tr", {}, h("th", {scope: "col"}, corner), columns.map((c) => h("th", {scope: "col"}, c)))),
        h("tbody", {}, rows.map((r) => h("tr", {}, h("th", {scope: "row"}, r), columns.map((c) => {
                                  const value = cell(r, c);
                                  return h(
                                      "td",
                                      {class: same && r === c ? "self number" : "number", style: heat(value, largest)},
                                      value === null  ? "" :
                                          value === 0 ? "·" :
                                                        text(value));
                                }))))));
}

/// Who evicted whom: of every structure that has evictions, one matrix; first all of them that interference concerns.
function interference(structures, nameOf = ownerName) {
  const list = structures.filter((s) => s.evictions_by.length !== 0);
  if (list.length === 0) return [h("p", {class: "remark"}, "Nothing was evicted from any structure.")];
  const order = (names) => [...names].sort((a, b) => a.localeCompare(b, "en", {numeric: true}));
  const shown = list.map((s) => {
    const owners = order(new Set(s.evictions_by.flatMap((e) => [nameOf(e.victim), nameOf(e.evictor)])));
    const pairs = new Map();
    for (const e of s.evictions_by) {
      const key = nameOf(e.victim) + "\n" + nameOf(e.evictor);
      pairs.set(key, (pairs.get(key) || 0) + e.count);
    }
    const all = sum([...pairs.values()]);
    const others = sum([...pairs].filter(([key]) => new Set(key.split("\n")).size === 2).map(([, n]) => n));
    const rest =
        s.evictions_by_others ? "; " + grouped(s.evictions_by_others) + " more, of pairs that were not kept" : "";
    return {
      others,
      element:
          h("div", {},
            matrix(
                s.name + ": " + grouped(all) + " evictions, " + percent(others, all) + " by another" + rest,
                "victim \\ evictor", owners, owners, (v, e) => pairs.get(v + "\n" + e) || 0, {same: true}))
    };
  });
  shown.sort((a, b) => b.others - a.others);
  return [h("div", {class: "flow"}, shown.map((s) => s.element))];
}
