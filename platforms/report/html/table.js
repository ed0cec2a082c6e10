// Tables that sort, filter, and open a row. A column: {title, value(row), text?(row), number?, cell?(row), hint?}; the
// first column heads its row. Options: caption, sort (index of the column that is sorted first, largest first), limit,
// filter, detail(row) -> elements, label.
function table(columns, rows, options = {}) {
  const kept = columns.filter((c, i) => i === 0 || c.keep || rows.some((r) => !isNothing(c, r)));
  const state = {column: null, down: true, all: false, words: ""};
  const body = h("tbody");
  const heads = kept.map((c) => {
    const title = h("button", {type: "button", title: c.hint, onclick: () => sortBy(c)}, c.title);
    return h("th", {scope: "col", class: c.number && "number", "aria-sort": "none"}, title);
  });
  const count = h("span", {role: "status"});
  const more = h("button", {
    type: "button",
    onclick: () => {
      state.all = !state.all;
      draw();
    }
  });
  const search = options.filter && h("input", {
                   type: "search",
                   placeholder: "Filter",
                   "aria-label": "Filter " + options.label,
                   oninput: (e) => {
                     state.words = e.target.value.toLowerCase();
                     draw();
                   }
                 });

  function sortBy(column) {
    state.down = state.column === column ? !state.down : Boolean(column.number);
    state.column = column;
    draw();
  }
  function ordered() {
    const words = state.words.split(/\s+/).filter((w) => w !== "");
    const all = rows.filter((r) => {
      const text = kept.map((c) => textOf(c, r)).join(" ").toLowerCase();
      return words.every((w) => text.includes(w));
    });
    if (!state.column) return all;
    const key = state.column.value;
    const sign = state.down ? -1 : 1;
    return all.sort((a, b) => sign * order(key(a), key(b)));  // stable, `filter` made a copy
  }
  function draw() {
    kept.forEach(
        (c, i) => heads[i].setAttribute(
            "aria-sort",
            c !== state.column ? "none" :
                state.down     ? "descending" :
                                 "ascending"));
    const all = ordered();
    const limit = options.limit && !state.all ? options.limit : all.length;
    body.replaceChildren(...all.slice(0, limit).map(rowOf));
    const hidden = options.limit && all.length > options.limit;
    more.hidden = !hidden;
    more.textContent = state.all ? "Show fewer" : "Show all " + grouped(all.length);
    count.textContent =
        hidden && !state.all ? grouped(limit) + " of " + plural(all.length, "row") : plural(all.length, "row");
  }
  function rowOf(r) {
    const cells = kept.map((c, i) => {
      const inside = c.cell ? c.cell(r) : textOf(c, r);
      if (i === 0)
        return h(
            "th", {scope: "row", class: (c.number && "number") || c.kind}, options.detail ? opener(r, inside) : inside);
      return h("td", {class: c.number ? "number" : c.kind}, inside);
    });
    return h("tr", {}, cells);
  }
  function opener(r, inside) {
    return h(
        "button", {
          type: "button",
          class: "open",
          "aria-expanded": "false",
          onclick: (e) => {
            const button = e.currentTarget;
            const row = button.closest("tr");
            const open = button.getAttribute("aria-expanded") === "true";
            button.setAttribute("aria-expanded", String(!open));
            if (open)
              row.nextElementSibling.remove();
            else
              row.after(h("tr", {class: "detail"}, h("td", {colspan: kept.length}, options.detail(r))));
          }
        },
        inside);
  }
  if (options.sort !== undefined) state.column = columns[options.sort];
  draw();
  const bar = (options.limit && rows.length > options.limit) || (search && rows.length > 8);
  return h(
      "div", {class: "table"}, bar && h("div", {class: "bar"}, search, count, more),
      h("div", {class: "frame", tabindex: "0", role: "region", "aria-label": options.label},
        h("table", {}, options.caption && h("caption", {}, options.caption), h("thead", {}, h("tr", {}, heads)),
          body)));
}
function textOf(column, row) {
  if (column.text) return column.text(row);
  const value = column.value(row);
  if (value === null || value === undefined) return "";
  return column.number ? grouped(value) : String(value);
}
/// A column in which no row says anything is left out.
function isNothing(column, row) {
  const value = column.value(row);
  return value === null || value === undefined || value === "" || value === 0;
}
function order(a, b) {
  if (typeof a === "string" || typeof b === "string")
    return String(a ?? "").localeCompare(String(b ?? ""), "en", {numeric: true});
  return (a ?? -Infinity) - (b ?? -Infinity);
}
const words = (title, value, more) => ({title, value, ...more});
const number = (title, value, more) => ({title, value, number: true, ...more});
const fraction = (title, value, more) =>
    ({title, value, number: true, text: (r) => (isNothing({value}, r) ? "" : decimal(value(r))), ...more});
function share(title, value, whole, more) {
  return {
    title,
    value,
    number: true,
    text: (r) => percent(value(r), whole),
    cell: (r) => [percent(value(r), whole), h("span", {class: "share", "aria-hidden": "true"}, h("i", {
                                                style: "width:" + Math.min(100, 100 * per(value(r), whole)).toFixed(2) +
                                                    "%"
                                              }))],
    ...more
  };
}
const ratio = (title, part, whole, more) => ({
  title,
  number: true,
  value: (r) => per(part(r), whole(r)),
  text: (r) => (whole(r) ? percent(part(r), whole(r)) : ""),
  ...more
});
