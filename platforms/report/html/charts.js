// Stacked bars, distributions and the icicle. Every chart has a text for those who do not see it.
function legend(parts) {
  return h("ul", {class: "legend"}, parts.map((p) => h("li", {}, h("i", {style: "background:" + p.color}), p.name)));
}
/// One strip of parts; `whole` is what the full width stands for.
function strip(parts, values, whole, unit) {
  const said = parts.map((p, i) => [p.name, values[i]])
                   .filter(([, v]) => v > 0)
                   .map(([name, v]) => name + " " + percent(v, sum(values)))
                   .join(", ");
  return h(
      "div", {class: "strip", role: "img", "aria-label": said || "nothing"},
      parts.map((p, i) => values[i] > 0 && h("span", {
                            style: "width:" + (100 * per(values[i], whole)).toFixed(3) + "%;background:" + p.color,
                            title: p.name + ": " + decimal(values[i]) + " " + unit + " (" +
                                percent(values[i], sum(values)) + ")"
                          })));
}
/// Rows {name, values, remark?}, one strip each. `even`: every strip is as wide as the page, to compare parts.
function stackedBars(caption, parts, rows, unit, {even = false} = {}) {
  const shown = parts.map((p, i) => i).filter((i) => rows.some((r) => r.values[i] > 0));
  const widest = Math.max(...rows.map((r) => sum(r.values)), 1e-9);
  return h(
      "figure", {class: "chart"}, caption && h("figcaption", {}, caption), legend(shown.map((i) => parts[i])),
      h("div", {class: "stack"},
        rows.map(
            (r) =>
                h("div", {class: "row"}, h("div", {class: "name"}, r.name),
                  strip(parts, r.values, even ? sum(r.values) : widest, unit),
                  h("div", {class: "sum"}, r.remark === undefined ? decimal(sum(r.values)) : r.remark)))));
}

/// 1, 2 and 5 of every decade; fewer when they are many.
function ticksBetween(low, high) {
  const decades = Math.log10(high / low);
  const steps = decades > 4 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
  const ticks = [];
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10) {
    ticks.push(...steps.map((s) => s * decade).filter((t) => t >= low && t <= high));
  }
  return ticks;
}
/// A histogram over a logarithmic axis, a bar a quarter of an octave; the report's buckets are at most 1/64 octave
/// wide.
function distribution(d, {caption, unit, scale = 1} = {}) {
  if (d.count === 0) return null;
  const width = 460, height = 150, left = 8, right = 8, base = height - 30, top = 16;
  const bins = new Map();
  const step = 4;  // an octave
  for (const [lower, times] of d.buckets) {
    const bin = Math.floor(step * Math.log2(Math.max(lower * scale, 1)) + 1e-9);
    bins.set(bin, (bins.get(bin) || 0) + times);
  }
  const first = Math.min(...bins.keys()), last = Math.max(...bins.keys(), first + 3) + 1;
  const tallest = Math.max(...bins.values());
  const x = (bin) => left + ((width - left - right) * (bin - first)) / (last - first);
  const at = (value) => x(Math.min(Math.max(step * Math.log2(Math.max(value * scale, 1)), first), last));
  const bars = [...bins].map(
      ([bin, times]) =>
          svg("rect", {
            class: "mark",
            x: x(bin) + 0.5,
            width: Math.max(x(bin + 1) - x(bin) - 1, 1),
            y: base - ((base - top) * times) / tallest,
            height: ((base - top) * times) / tallest,
            fill: "var(--c0)"
          },
              svg("title", {},
                  short(2 ** (bin / step)) + " to " + short(2 ** ((bin + 1) / step)) + " " + unit + ": " +
                      grouped(times))));
  const ticks = [];
  for (const value of ticksBetween(2 ** (first / step), 2 ** (last / step))) {
    const at = x(step * Math.log2(value));
    ticks.push(
        svg("line", {class: "grid", x1: at, x2: at, y1: top, y2: base}),
        svg("text",
            {class: "soft",
             x: at,
             y: base + 14,
             "text-anchor": at > width - 24 ? "end" :
                 at < 24                    ? "start" :
                                              "middle"},
            short(value)));
  }
  const line = (value, name) =>
      [svg("line", {
         x1: at(value),
         x2: at(value),
         y1: top - 2,
         y2: base,
         stroke: "var(--c2)",
         "stroke-width": 1.5,
         "stroke-dasharray": "3 2"
       }),
       svg("text", {
         class: "soft",
         x: at(value) + (at(value) > width * 0.8 ? -3 : 3),
         y: top - 4,
         "text-anchor": at(value) > width * 0.8 ? "end" : "start"
       },
           name)];
  const same = Math.abs(at(d.p50) - at(d.p99)) < 40;
  const said = plural(d.count, "value") + ", mean " + decimal(mean(d) * scale) + ", median " + decimal(d.p50 * scale) +
      ", 99 % at most " + decimal(d.p99 * scale) + ", from " + decimal(d.min * scale) + " to " +
      decimal(d.max * scale) + " " + unit;
  if (ticks.length === 0) {
    ticks.push(...[first, last].map(
        (bin) =>
            svg("text", {class: "soft", x: x(bin), y: base + 14, "text-anchor": bin === first ? "start" : "end"},
                short(2 ** (bin / step)))));
  }
  const most = [...bins].find(([, times]) => times === tallest)[0];
  const highest =
      svg("text", {
        class: "soft",
        x: x(most) + (most > (first + last) / 2 ? -4 : x(most + 1) - x(most) + 4),
        y: top + 12,
        "text-anchor": most > (first + last) / 2 ? "end" : "start"
      },
          short(tallest) + " ×");
  return h(
      "figure", {class: "chart"}, h("figcaption", {}, caption && [h("b", {}, caption), h("br")], said),
      svg("svg", {viewBox: "0 0 " + width + " " + height, width, height, role: "img", "aria-label": said}, ticks, bars,
          highest, svg("line", {class: "axis", x1: left, x2: width - right, y1: base, y2: base}),
          line(d.p50, same ? "p50, p99" : "p50"), !same && line(d.p99, "p99"),
          svg("text", {class: "soft", x: width - right, y: height - 2, "text-anchor": "end"}, unit)));
}

/// Several of them: [distribution, what distribution() takes], …
function distributions(...list) {
  const shown = list.map(([d, how]) => distribution(d, how)).filter(Boolean);
  return shown.length > 0 ? h("div", {class: "columns"}, shown) : h("p", {}, "Nothing was measured.");
}

/// A tree {name, short?, value, color, children} as layers of boxes, each as wide as its part of the whole.
function icicle(caption, root, unit) {
  const width = 1000, row = 30;
  const depth = (n) => 1 + Math.max(0, ...(n.children || []).map(depth));
  const layers = depth(root);
  const marks = [];
  const place = (node, x, level, path) => {
    const w = (width * node.value) / root.value;
    const said = [...path, node.name].join(" > ") + ": " + grouped(node.value) + " " + unit + ", " +
        percent(node.value, root.value);
    const room = Math.floor((w - 10) / 6.6);
    const label = node.name.length <= room ?
        node.name + (room > node.name.length + 9 ? "  " + percent(node.value, root.value) : "") :
        node.short !== undefined ? (node.short.length <= room ? node.short : "") :
        room > 4                 ? node.name.slice(0, room - 1) + "…" :
                                   "";
    if (w > 0.4) {
      marks.push(
          svg("g", {}, svg("title", {}, said), svg("rect", {
                class: "mark",
                x: x + 0.5,
                y: level * row,
                width: Math.max(w - 1, 0.5),
                height: row - 2,
                rx: 2,
                fill: node.color
              }),
              label && svg("text", {class: "on", x: x + 6, y: level * row + 19}, label)));
    }
    let next = x;
    for (const child of node.children || []) {
      place(child, next, level + 1, [...path, node.name]);
      next += (width * child.value) / root.value;
    }
  };
  place(root, 0, 0, []);
  return h(
      "figure", {class: "chart"}, h("figcaption", {}, caption),
      h("div", {class: "frame wide", tabindex: "0", role: "region", "aria-label": caption},
        svg("svg", {
          viewBox: "0 0 " + width + " " + layers * row,
          width,
          height: layers * row,
          role: "img",
          "aria-label": caption,
          style: "min-width:44rem"
        },
            marks)));
}
