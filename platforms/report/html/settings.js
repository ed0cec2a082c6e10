// The configuration with its provenance: what is not at its default, or all of it.
const shown = (value) =>
    (value === true                ? "true" :
         value === false           ? "false" :
         typeof value === "number" ? grouped(value) :
         value === ""              ? "(empty)" :
                                     value);
const kTrust = {
  architecture: "good",
  measured: "good",
  trm: "good",
  paper: "good",
  choice: "plain",
  placeholder: "warn"
};

function settingsTable(rows, label) {
  return table(
      [
        words("parameter", (p) => p.key, {cell: (p) => h("code", {}, p.key)}),
        words(
            "value", (p) => shown(p.value), {cell: (p) => h(p.value === p.default ? "span" : "b", {}, shown(p.value))}),
        words("default", (p) => shown(p.default)),
        words("unit", (p) => p.unit),
        words("set by", (p) => p.set_by || "default", {kind: "words"}),
        words("provenance", (p) => p.provenance, {cell: (p) => badge(kTrust[p.provenance] || "plain", p.provenance)}),
        words("source", (p) => p.source, {kind: "words"}),
      ],
      rows, {label, filter: true});
}
function settingsSection(report) {
  const all = report.configuration;
  const changed = all.filter((p) => p.value !== p.default || p.set_by !== "");
  const different = all.filter((p) => p.value !== p.default).length;
  const guessed = all.filter((p) => p.provenance === "placeholder").length;
  const place = h("div", {});
  const draw = (rows, label) => place.replaceChildren(
      rows.length > 0 ? settingsTable(rows, label) : h("p", {}, "Every parameter is at its default."));
  const buttons =
      [
        ["Set or not at their default (" + changed.length + ")", changed, "Parameters that were set"],
        ["All (" + all.length + ")", all, "All parameters"]
      ]
          .map(
              ([text, rows, label], i) =>
                  h("button", {
                    type: "button",
                    "aria-pressed": String(i === 0),
                    onclick: (e) => {
                      for (const b of buttons) b.setAttribute("aria-pressed", String(b === e.currentTarget));
                      draw(rows, label);
                    }
                  },
                    text));
  draw(changed, "Parameters that were set");
  return section(
      "configuration", "Configuration",
      plural(all.length, "parameter") + ", " + grouped(different) + " not at " + (different === 1 ? "its" : "their") +
          " default; the provenance of " + grouped(guessed) + " is \u201cplaceholder\u201d: a value without a source.",
      h("div", {class: "bar", role: "group", "aria-label": "Which parameters"}, buttons), place);
}
