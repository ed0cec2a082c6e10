// Timelines of two runs over one axis: both are laid so that their measurements begin at 0.
const kBins = 240;

/// When the first core's measurement begins; of a run without cores, its first event.
function originOf({events}) {
  const [core] = events[0].cores.filter((c) => c.phases.begin.length > 0);
  if (core) return core.phases.begin[0] * core.period_ps;
  const {dma, dma_period_ps: ps} = events[0];
  return dma.begin.length > 0 ? dma.begin[0] * ps : 0;
}

function movedBack(row, by) {
  const move = (block) => ({
    ...block,
    begin: block.begin - by,
    end: block.end - by,
    ...(block.handled ? {handled: block.handled - by} : {}),
  });
  return {
    ...row,
    blocks: row.blocks.map(move),
    latest: row.latest.map((time) => time - by),
    ...(row.idles ? {idles: row.idles.map(move)} : {}),
    ...(row.missing ? {missing: row.missing.map((time) => time - by)} : {})
  };
}

/// Exits to a hypervisor in each part of the time, those of B less those of A; not where one of them has no events.
function exitRow(sides, names, cpu, end) {
  const of = sides.map((side) => {
    const core = side.events[0].cores.find((c) => c.cpu === cpu), counts = new Array(kBins).fill(0);
    if (!core) return null;
    const {traps, trap_keys, period_ps: ps} = core, by = originOf(side);
    traps.key.forEach((key, i) => {
      const bin = Math.floor((kBins * (traps.begin[i] * ps - by)) / end);
      if (trap_keys[key].to >= 2 && bin >= 0 && bin < kBins) ++counts[bin];
    });
    const gap = missing(core, side.events[0].keep, "traps");
    return {counts, gap: gap && gap.map((time) => time - by)};
  });
  if (of.includes(null)) return null;
  const [a, b] = of.map((side) => side.counts), width = end / kBins;
  const isMissing = (i) => of.some(({gap}) => gap && gap[0] < (i + 1) * width && gap[1] > i * width);
  const blocks = a.map((count, i) => ({
                         begin: i * width,
                         end: (i + 1) * width,
                         value: b[i] - count,
                         color: b[i] > count ? "c2" : "c4",
                         event: i
                       }))
                     .filter((block) => (a[block.event] || b[block.event]) && !isMissing(block.event));
  const highest = blocks.reduce((most, block) => Math.max(most, Math.abs(block.value)), 0);
  const describe = ({event: i}) => ({
    name: "exits: " + names.map((name, side) => name + " " + grouped(of[side].counts[i])).join(", "),
    facts: ["difference " + signed(b[i] - a[i])]
  });
  const title =
      "exits to EL2 and EL3 in " + duration(width) + ": " + names[1] + " less " + names[0] + ", up to " + highest;
  return blocks.length > 0 && {...blockRow(title, blocks, {kind: "balance", describe, highest}), group: "cpu " + cpu};
}

/// What belongs together stands together: A's, then B's.
function comparedRows(sides, names, colors) {
  const timelines = sides.map((side) => {
    const cpus = side.events[0].cores.map((c) => c.cpu);
    return timelineRows(side.events[0], side.names, cpus, colors).rows.map((row) => movedBack(row, originOf(side)));
  });
  const end = timelines.flat().reduce((last, row) => Math.max(last, row.latest[row.latest.length - 1]), 0);
  const keyOf = (row) => row.group + (row.kind === "rate" ? row.kind : row.title);
  const all = timelines.flatMap((rows, side) => rows.map((row) => ({row, side, key: keyOf(row)})));
  const groups = [...new Set(all.map(({row}) => row.group))], keys = [...new Set(all.map(({key}) => key))];
  all.sort(
      (x, y) => groups.indexOf(x.row.group) - groups.indexOf(y.row.group) ||
          keys.indexOf(x.key) - keys.indexOf(y.key) || x.side - y.side);
  const named = all.map(({row, side}) => ({...row, title: names[side] + ": " + row.title}));
  const cpus = [...new Set(sides.flatMap((side) => side.events[0].cores.map((c) => c.cpu)))];
  return groups.flatMap((group) => {
    const exits = cpus.filter((cpu) => "cpu " + cpu === group).map((cpu) => exitRow(sides, names, cpu, end));
    return [...named.filter((row) => row.group === group), ...exits.filter(Boolean)];
  });
}

/// `sides`: of both runs `events` and the `names` of their interrupt sources; null without.
function comparedTimelines(sides, names, notes) {
  if (!sides) return null;
  const colors = timelineColors(sides.map((side) => side.events[0]));
  const remarks = [...new Set(sides.map((side) => timelineRemark(side.events[0])))];
  return timelinePanel(
      timelineOf(comparedRows(sides, names, colors), colors), notes,
      "Both from the begin of their measurement. " + remarks.join(" "));
}
