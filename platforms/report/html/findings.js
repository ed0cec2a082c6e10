// What stands out in a run, in words: what traps, walks and translations of devices cost, why, and what other sizes
// would have missed. Each sentence leads to its section.
const together = (text) => text.replace(/ %/g, "\u00a0%");
const finding = (id, head, text) => h("li", {}, h("a", {href: "#" + id}, together(head)), " ", together(text));
/// The parts that make up most of it, three at most: "device 45.0 %, instr 38.9 %, gic 10.1 %".
function largestParts(named) {
  const whole = sum(named.map(([, n]) => n));
  const large = named.filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]).slice(0, 3);
  return large.map(([name, n]) => name + " " + percent(n, whole)).join(", ");
}

function trapFindings(core, notes) {
  const count = sum(core.traps.map((t) => t.count)), cycles = sum(core.traps.map((t) => t.inside_total));
  if (count === 0) return [];
  const {parts, of} = partsOf(notes);
  const cost = (t) => t.inside_total - (t.inside.idle || 0);  // a wait is no cost
  const most = core.traps.reduce((a, b) => (cost(b) > cost(a) ? b : a));
  const inside = largestParts(of({...most.inside, idle: 0}).map((n, i) => [parts[i].name, n]));
  const after = sum(core.traps.map((t) => t.tlb_refill_cycles_after + t.cache_refill_cycles_after));
  return [
    finding(
        "traps", "Traps took " + percent(cycles, core.accounted) + " of all cycles:",
        plural(count, "trap") + ", " + decimal(per(cycles, count)) + " cycles each" +
            (after > 0 ? "; " + percent(after, core.accounted) +
                     " more, at least, went into finding again what they displaced." :
                         ".")),
    finding(
        "traps", "The dearest: " + reason(most) + ", from " + contextName(most.from) + ",",
        percent(cost(most), core.accounted) + " of all cycles: " + plural(most.count, "time") + ", " +
            decimal(per(cost(most), most.count)) + " cycles each" + (most.inside.idle > 0 ? ", idle apart" : "") +
            "; inside: " + inside + ".")
  ];
}
function walkFindings(core) {
  const count = sum(core.walks.map((w) => w.count)), cycles = sum(core.walks.map((w) => w.cycles.sum));
  if (count === 0) return [];
  const fetches = sum(core.walks.map((w) => w.fetches_stage1 + w.fetches_stage2));
  const [stage1, stage2] = ["cycles_stage1", "cycles_stage2"].map((name) => sum(core.walks.map((w) => w[name])));
  return [finding(
      "walks", "Walks took " + percent(cycles, core.accounted) + " of all cycles:",
      plural(count, "walk") + ", " + decimal(per(cycles, count)) + " cycles and " + decimal(per(fetches, count)) +
          " descriptors each" + (stage2 > 0 ? "; " + percent(stage2, stage1 + stage2) + " of it in stage 2." : "."))];
}
function tlbFindings(core) {
  const last = core.tlbs.filter((t) => /^L\d/.test(t.name) && t.lookups > 0).pop();
  if (!last || last.misses === 0) return [];
  const others = sum(last.evictions_by.filter((e) => ownerName(e.victim) !== ownerName(e.evictor)).map((e) => e.count));
  return [finding(
      "tlbs", "The " + last.name + " TLB missed " + percent(last.misses, last.lookups) + " of its look-ups:",
      grouped(last.misses) + " of " + grouped(last.lookups) +
          (others > 0 ?
               "; " + percent(others, last.evictions) + " of what it evicted was pushed out by another's entries." :
               "."))];
}

/// The structure whose sizes `ghosts` have, and what a miss of it costs in the mean.
const kHaunted = {
  "tlb.l2": "L2",
  walk_cache: "walk cache",
  ipa: "IPA cache"
};
function realOf(structure, ghosts, core) {
  const real = core.tlbs.find((t) => t.name === kHaunted[structure] && t.lookups > 0);
  const each = per(sum(ghosts.map((g) => g.estimated_cycles)), sum(ghosts.map((g) => g.misses)));
  return real && {...real, structure, each};
}
/// The smallest size that saves nine tenths of what the best of them does.
function ghostFindings(report, core) {
  const ghosts = report.ghosts || [];
  return [...new Set(ghosts.map((g) => g.structure))].flatMap((structure) => {
    const rows = ghosts.filter((g) => g.structure === structure), real = realOf(structure, rows, core);
    if (!real) return [];
    const saved = (g) => real.misses - g.misses, most = Math.max(...rows.map(saved));
    if (most <= 0) return [];
    const best = rows.filter((g) => saved(g) >= 0.9 * most).sort((a, b) => a.entries - b.entries)[0];
    return [finding(
        "ghosts",
        structure + " of " + grouped(best.entries) + " entries, " +
            (best.ways === 0 ? "fully associative" : geometry(best)) + ",",
        "would have missed " + grouped(best.misses) + " times, not " + grouped(real.misses) + ": about " +
            short(saved(best) * real.each) + " cycles less, " + percent(saved(best) * real.each, core.accounted) +
            " of all.")];
  });
}
function smmuFindings(report) {
  return (report.smmu || []).flatMap((s) => {
    const count = sum(s.streams.map((t) => sumOf(t.translations))), cycles = sum(s.streams.map((t) => t.latency.sum));
    if (count === 0) return [];
    const inside = s.streams.reduce((all, t) => addTo(all, t.cycles), {});
    const walked = sum(s.streams.map((t) => t.translations.walk || 0));
    return [finding(
        "smmu", "The SMMU took " + decimal(per(cycles, count)) + " cycles of its clock a translation:",
        plural(count, "translation") + ", " + percent(walked, count) +
            " by a walk; inside: " + largestParts(Object.entries(inside)) + ".")];
  });
}
function studyFindings({study}) {
  if (!study) return [];
  const found = [];
  if (study.io && study.io.count > 0) {
    const {io} = study;
    found.push(finding(
        "study", decimal((io.count * 1e6) / Math.max(io.elapsed_ps, 1)) + " million I/Os a second:",
        "half of them took " + duration(io.latency.p50_ps) + " at most, of which unmapping and invalidation " +
            duration(io.unmapping.p50_ps) + "."));
  }
  for (const m of study.masters) {
    const moved = sum(m.streams.map((s) => s.read_bytes + s.written_bytes));
    if (moved > 0)
      found.push(finding(
          "study", m.name + " moved " + decimal((moved * 1e6) / Math.max(m.elapsed_ps, 1)) + " MB/s:",
          plural(sum(m.streams.map((s) => s.reads + s.writes)), "request") + " of " +
              plural(m.streams.length, "stream") + "."));
  }
  return found.slice(0, 4);
}
function careFindings(report) {
  const unknown = report.configuration.filter((p) => p.provenance === "placeholder").length;
  const found = [];
  if (!report.run.fidelity.startsWith("timed"))
    found.push(
        finding("summary", "Functional:", "an instruction takes a cycle, so that cycles say how often, not how long."));
  if (unknown > 0)
    found.push(finding(
        "configuration", "Trust differences more than values:",
        grouped(unknown) + " of " + plural(report.configuration.length, "parameter") +
            " are placeholders, without a source."));
  return found;
}

function findings(report, core, notes) {
  const found = [
    ...studyFindings(report), ...trapFindings(core, notes), ...walkFindings(core), ...tlbFindings(core),
    ...ghostFindings(report, core), ...smmuFindings(report)
  ];
  return found.length > 0 && h("ul", {class: "findings"}, found, careFindings(report));
}

/// Of a comparison: the whole, and which causes, traps and contexts make it up.
function differenceFindings(c) {
  const largest = (rows, name) => {
    const some = rows.filter((r) => r.difference !== 0).sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference));
    return some.slice(0, 3).map((r) => name(r) + " " + signed(r.difference)).join("; ");
  };
  const found = [];
  const cycles = c.totals.find((t) => t.name === "cycles");
  if (cycles)
    found.push(finding(
        "totals",
        c.b +
            (cycles.difference === 0 ? " took as many cycles as " + c.a + "." :
                                       " took " + short(Math.abs(cycles.difference)) + " cycles " +
                     (cycles.difference > 0 ? "more" : "less") + " than " + c.a + ":"),
        cycles.difference === 0 ? "" : changeText(cycles.a, cycles.b) + "."));
  for (const [key, head, rows, name] of [
           ["causes", "By cause:", c.causes || [], (r) => r.name],
           ["contexts", "By who ran:", c.contexts || [], (r) => r.name],
           ["traps", "By trap:", c.traps, (t) => t.reason + ", from " + t.from],
           ["tlbs", "In TLBs:", c.tlbs || [], (r) => r.name],
           ["smmu_structures", "In the SMMU:", c.smmu_structures || [], (r) => r.name]]) {
    const text = largest(rows, name);
    if (text) found.push(finding(key, head, text + "."));
  }
  return h("ul", {class: "findings"}, found);
}
