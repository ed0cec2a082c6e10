// Structures: TLBs and walk caches, ghosts of other sizes, caches, branches, ports, DRAM.
/// Those that the configuration leaves out have no row, but are named.
const isThere = (t) => t.entries > 0 || t.lookups > 0;
function absentText(structures) {
  const absent = structures.filter((t) => !isThere(t)).map((t) => t.name);
  return absent.length > 0 ? "There is no " + absent.join(", no ") + "." : null;
}
function tlbTable(tlbs, label) {
  return table(
      [
        words("structure", (t) => t.name),
        number("entries", (t) => t.entries),
        words("ways", geometry),
        number("look-ups", (t) => t.lookups),
        number("hits", (t) => t.hits),
        number("misses", (t) => t.misses, {keep: true}),
        ratio("miss rate", (t) => t.misses, (t) => t.lookups),
        number("insertions", (t) => t.insertions),
        number("evictions", (t) => t.evictions),
        number("invalidations", (t) => t.invalidations),
        number("entries invalidated", (t) => t.entries_invalidated),
      ],
      tlbs.filter(isThere), {label});
}
const kHitOrMiss = [{name: "hits", color: "var(--c4)"}, {name: "misses", color: "var(--c2)"}];
function hitBars(caption, structures) {
  const used = structures.filter((s) => s.hits + s.misses > 0);
  return used.length > 0 &&
      stackedBars(
             caption, kHitOrMiss, used.map((s) => ({
                                             name: s.name,
                                             values: [s.hits, s.misses],
                                             remark: percent(s.misses, s.hits + s.misses) + " miss"
                                           })),
             "look-ups", {even: true});
}
function tlbsSection(core) {
  if (core.tlbs.length === 0) return null;
  return section(
      "tlbs", "TLBs and walk caches", absentText(core.tlbs), hitBars("Look-ups", core.tlbs),
      tlbTable(core.tlbs, "TLBs and walk caches"));
}

function ghostsSection(report, core) {
  const ghosts = report.ghosts || [];
  if (ghosts.length === 0) return null;
  const names = [...new Set(ghosts.map((g) => g.structure))];
  const reals = names.map((name) => realOf(name, ghosts.filter((g) => g.structure === name), core)).filter(Boolean);
  const real = (g) => reals.find((r) => r.structure === g.structure);
  const cost = (g) => (g.real ? g.misses * g.each : g.estimated_cycles);
  const rows = [...reals.map((r) => ({...r, real: true})), ...ghosts];
  return section(
      "ghosts", "Structures of other sizes",
      "What they would have missed of the same look-ups (--ghost); cycles at this run's mean cost of a miss.",
      h("div", {class: "columns"},
        names.map(
            (name) =>
                missCurve(name, ghosts.filter((g) => g.structure === name), reals.find((r) => r.structure === name)))),
      table(
          [
            words("structure", (g) => g.structure + (g.real ? ", the real one" : "")),
            number("entries", (g) => g.entries), words("ways", geometry), number("look-ups", (g) => g.lookups),
            number("misses", (g) => g.misses, {keep: true}), ratio("miss rate", (g) => g.misses, (g) => g.lookups),
            number("estimated cycles", cost, {text: (g) => grouped(cost(g))}),
            number("to the real one", (g) => (real(g) ? cost(g) - cost({...real(g), real: true}) : null), {
              text: (g) => (real(g) ? signed(cost(g) - cost({...real(g), real: true})) : ""),
              hint: "cycles more or less than the real structure"
            }),
            number("of all cycles", (g) => (real(g) ? cost(g) - cost({...real(g), real: true}) : null), {
              text: (g) =>
                  (real(g) && !g.real ? (cost(g) < cost({...real(g), real: true}) ? "-" : "+") +
                           percent(Math.abs(cost(g) - cost({...real(g), real: true})), core.accounted) :
                                        "")
            })
          ],
          rows, {label: "Structures of other sizes"}));
}
/// Misses by entries; one line for each number of ways, and the real structure's point.
function missCurve(name, ghosts, real) {
  if (ghosts.length < 2) return null;
  const width = 460, height = 190, left = 56, right = 24, top = 10, base = height - 34;
  const points = real ? [...ghosts, real] : ghosts;
  const logs = points.map((g) => Math.log2(Math.max(g.entries, 1)));
  const low = Math.min(...logs), high = Math.max(...logs, low + 1);
  const most = Math.max(...points.map((g) => g.misses), 1);
  const x = (g) => left + ((width - left - right) * (Math.log2(Math.max(g.entries, 1)) - low)) / (high - low);
  const y = (misses) => base - ((base - top) * misses) / most;
  const ways = [...new Set(ghosts.map((g) => g.ways))];
  const lines = ways.map((w, i) => {
    const line = ghosts.filter((g) => g.ways === w).sort((a, b) => a.entries - b.entries);
    const color = "var(--c" + [0, 2, 4, 3, 6][i % 5] + ")";
    return [
      svg("polyline", {
        points: line.map((g) => x(g) + "," + y(g.misses)).join(" "),
        fill: "none",
        stroke: color,
        "stroke-width": 2
      }),
      line.map(
          (g) => svg(
              "circle", {class: "mark", cx: x(g), cy: y(g.misses), r: 3.5, fill: color},
              svg("title", {}, grouped(g.entries) + " entries, " + geometry(g) + ": " + grouped(g.misses) + " misses")))
    ];
  });
  const sizes = [...new Map(ghosts.map((g) => [g.entries, g])).values()];
  return h(
      "figure", {class: "chart"}, h("figcaption", {}, name + ": misses by entries"),
      (ways.length > 1 || real) && legend([
        ...ways.map((w, i) => ({name: geometry({ways: w}), color: "var(--c" + [0, 2, 4, 3, 6][i % 5] + ")"})),
        ...(real ?
                [
                  {name: "the real one, " + grouped(real.entries) + " entries, " + geometry(real), color: "var(--bad)"}
                ] :
                [])
      ]),
      svg("svg", {
        viewBox: "0 0 " + width + " " + height,
        width,
        height,
        role: "img",
        "aria-label": name + ": misses by entries; the table below has the numbers"
      },
          [0, 0.5, 1].map(
              (f) =>
                  [svg("line", {class: "grid", x1: left, x2: width - right, y1: y(f * most), y2: y(f * most)}),
                   svg("text", {class: "soft", x: left - 6, y: y(f * most) + 4, "text-anchor": "end"},
                       short(Math.round(f * most)))]),
          sizes.map(
              (g) => svg("text", {class: "soft", x: x(g), y: base + 15, "text-anchor": "middle"}, grouped(g.entries))),
          svg("text", {class: "soft", x: width - right, y: height - 3, "text-anchor": "end"}, "entries"), lines,
          real &&
              svg("rect",
                  {class: "mark", x: x(real) - 5, y: y(real.misses) - 5, width: 10, height: 10, fill: "var(--bad)"},
                  svg("title", {}, "the real one: " + grouped(real.misses) + " misses"))));
}

function cachesSection(core, report) {
  const caches = mergedCaches([...core.caches, ...report.shared_caches]);
  if (caches.length === 0) return null;
  const counters = [...new Set(caches.flatMap((c) => Object.keys(c.counts)))];
  const figure = (name, of, text) => ({name, text, values: caches.map(of)});
  const rows = [
    figure("size", (c) => c.size, bytes),
    figure("ways", (c) => c.ways),
    figure("latency, cycles", (c) => c.latency),
    ...counters.map((name) => figure(name, (c) => c.counts[name] || 0)),
  ];
  const column = (cache, i) =>
      number(cache.name, (r) => r.values[i], {keep: true, text: (r) => (r.text || grouped)(r.values[i])});
  const used = caches.map((c) => {
    const {accesses = 0, misses = 0} = c.counts;
    return {name: c.name, hits: accesses - misses, misses};
  });
  return section(
      "caches", "Caches", null, hitBars("Accesses", used),
      table([words("figure", (r) => r.name), ...caches.map(column)], rows, {label: "Caches"}));
}
function branchesSection(core) {
  if (core.branches.length === 0) return null;
  const rows = [...core.branches].sort((a, b) => b.branches - a.branches);
  return section(
      "branches", "Branches", null,
      table(
          [
            words("by", (b) => contextName(b.context)),
            words("kind", (b) => b.kind),
            number("branches", (b) => b.branches),
            ratio("taken", (b) => b.taken, (b) => b.branches),
            ratio("mispredicted", (b) => b.wrong_direction + b.wrong_target, (b) => b.branches),
            number("wrong direction", (b) => b.wrong_direction),
            number("wrong target", (b) => b.wrong_target),
            number("target known late", (b) => b.unknown_target),
          ],
          rows, {label: "Branches", limit: 25}));
}
function memorySection(report) {
  if (report.links.length + report.dram.length === 0) return null;
  return section(
      "memory", "Interconnect and memory", null,
      report.links.length > 0 &&
          table(
              [
                words("port", (l) => l.name), number("transactions", (l) => l.transactions),
                number("bytes", (l) => l.bytes), number("waited to enter", (l) => l.waited_to_enter, {hint: "cycles"}),
                number("waited for data", (l) => l.waited_for_data, {hint: "cycles"})
              ],
              report.links, {label: "Ports of the interconnect", sort: 2}),
      report.dram.map(
          (d, i) =>
              h("dl", {class: "cards"}, card("DRAM" + (report.dram.length > 1 ? " " + i : ""), d.clock_mhz + " MHz"),
                card("reads", grouped(d.reads), decimal(per(d.read_clocks, d.reads)) + " clocks each"),
                card("writes", grouped(d.writes)),
                card(
                    "row hits", percent(d.row_hits, d.row_hits + d.row_closed + d.row_conflicts),
                    percent(d.row_conflicts, d.row_hits + d.row_closed + d.row_conflicts) + " conflicts"),
                card("data bus busy", percent(d.bytes, d.elapsed_clocks * d.bytes_per_clock), "of all channels"),
                card("waited for refresh", grouped(d.refresh_clocks), "clocks"),
                card("waited in queues", grouped(d.queued_clocks), "clocks"))));
}
