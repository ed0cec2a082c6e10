// The events of a report as rows of a timeline: what lies where in time (picoseconds), and what to say of it.
const kReasonColors = ["c2", "c3", "c5", "c6", "c7", "c4", "c0"], kOtherColor = "c1";
const kWorldColors = ["d0", "d4", "d2", "d6"], kNoWorldColor = "d1";
const kDmaColors = {
  tbu: "c7",
  tlb: "c4",
  walk: "c2",
  fault: "c3",
  bypass: "c1"
};
const kInterruptColors = {
  physical: "c5",
  virtual: "c6"
};
const kMostLanes = 4, kMostDmaLanes = 10;

/// A row of blocks from [{begin, end, color, event, label}], in order of time; each in the first lane that is free,
/// what is inside of another below it.
function blockRow(title, blocks, more, mostLanes = kMostLanes) {
  blocks.sort((a, b) => a.begin - b.begin || b.end - a.end);
  const ends = [];  // by lane
  let lanes = 1, latest = -Infinity;
  const row = {
    title,
    blocks,
    latest: new Float64Array(blocks.length),  // end so far: what begins before a moment and may reach it
    lane: new Uint8Array(blocks.length),
    ...more
  };
  blocks.forEach((b, i) => {
    const free = ends.findIndex((end) => end <= b.begin);
    row.lane[i] = free >= 0 ? free : Math.min(ends.length, mostLanes - 1);
    ends[row.lane[i]] = b.end;
    lanes = Math.max(lanes, row.lane[i] + 1);
    latest = Math.max(latest, b.end);
    row.latest[i] = latest;
  });
  return {...row, lanes};
}

/// The largest reasons have colours; the others share one.
function reasonColors(cores) {
  const cycles = new Map();
  for (const {trap_keys, traps} of cores) {
    traps.key.forEach((key, i) => {
      const name = reason(trap_keys[key]);
      cycles.set(name, (cycles.get(name) || 0) + traps.cycles[i] - traps.away[i]);
    });
  }
  const names = [...cycles].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  return new Map(names.map((name, i) => [name, kReasonColors[i] || kOtherColor]));
}
function worldColors(cores) {
  const vmids = new Set();
  for (const {worlds} of cores) worlds.vmid.forEach((vmid, i) => worlds.guest[i] && vmids.add(vmid));
  return new Map([...vmids].sort((a, b) => a - b).map((vmid, i) => [vmid, kWorldColors[i % kWorldColors.length]]));
}

/// While a guest's trap was open and another guest ran, it was not the trap's time: [begin, end] of the rest.
function withoutAway(begin, end, from, worlds) {
  const rest = [];
  let low = 0, high = worlds.begin.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (worlds.begin[middle] + worlds.cycles[middle] > begin)
      high = middle;
    else
      low = middle + 1;
  }
  for (let i = low; i < worlds.begin.length && worlds.begin[i] < end; ++i) {
    if (Boolean(worlds.guest[i]) === from.guest && worlds.vmid[i] === from.vmid) continue;
    if (worlds.begin[i] > begin) rest.push([begin, worlds.begin[i]]);
    begin = Math.max(begin, worlds.begin[i] + worlds.cycles[i]);
  }
  if (begin < end) rest.push([begin, end]);
  return rest;
}

function trapRows(core, colors) {
  const {traps, trap_keys, worlds} = core, ps = core.period_ps;
  const byTarget = new Map();
  for (let i = 0; i < traps.key.length; ++i) {
    const key = trap_keys[traps.key[i]], begin = traps.begin[i], end = begin + traps.cycles[i];
    const pieces = traps.away[i] > 0 && key.from.el <= 1 ? withoutAway(begin, end, key.from, worlds) : [[begin, end]];
    if (!byTarget.has(key.to)) byTarget.set(key.to, []);
    const name = reason(key);
    for (const [from, to] of pieces) {
      byTarget.get(key.to).push({begin: from * ps, end: to * ps, color: colors.get(name), label: name, event: i});
    }
  }
  const who = ["", "the kernel", "the hypervisor", "the monitor"];
  const describe = (b) => {
    const i = b.event, key = trap_keys[traps.key[i]];
    return {
      name: reason(key) + ", from " + contextName(key.from) + " to EL" + key.to,
      facts: [
        plural(traps.cycles[i] - traps.away[i], "cycle") + " from the instruction to the return",
        traps.away[i] > 0 && plural(traps.away[i], "cycle") + " switched out",
        traps.returned[i] === 0 && "unfinished: given up, or open at the end"
      ],
      inside: Object.fromEntries(Object.entries(traps.inside).map(([part, column]) => [part, column[i]]))
    };
  };
  return [...byTarget.keys()]
      .sort((a, b) => b - a)
      .map((to) => blockRow("traps to EL" + to + ", " + who[to], byTarget.get(to), {kind: "traps", describe}));
}

/// Walks that the run logged; a prefetch may lie beside another walk.
function walkRow(core) {
  const {walks, walk_keys} = core, ps = core.period_ps;
  const blocks = walks.key.map((key, i) => {
    const w = walk_keys[key];
    return {
      begin: walks.at[i] * ps,
      end: (walks.at[i] + walks.cycles[i]) * ps,
      color: w.stage1 && w.stage2 ? "c6" :
          w.stage2                ? "c4" :
                                    "c0",
      label: walkName(w),
      event: i
    };
  });
  const describe = (b) => ({
    name: "walk: " + b.label + ", " + contextName(walk_keys[walks.key[b.event]].context),
    facts: [
      plural(walks.cycles[b.event], "cycle"), plural(walks.fetches[b.event], "descriptor fetch", "descriptor fetches"),
      "page " + hex(BigInt(walks.page[b.event]) << 12n), walks.fault[b.event] === 1 && "ends in a fault"
    ]
  });
  return blockRow("walks", blocks, {kind: "walks", describe});
}

function worldRow(core, colors) {
  const {worlds, idle} = core, ps = core.period_ps, blocks = [];
  worlds.begin.forEach((begin, i) => blocks.push({
    begin: begin * ps,
    end: (begin + worlds.cycles[i]) * ps,
    color: worlds.guest[i] ? colors.get(worlds.vmid[i]) : kNoWorldColor,
    label: worlds.guest[i] ? "VMID " + worlds.vmid[i] : "no stage 2",
    short: worlds.guest[i] ? String(worlds.vmid[i]) : "",
    event: i
  }));
  const idles = idle.begin.map((begin, i) => ({begin: begin * ps, end: (begin + idle.cycles[i]) * ps}));
  const describe = (b, row) => {
    const within = row.idles.filter((i) => i.begin < b.end && i.end > b.begin);
    const waited = sum(within.map((i) => Math.min(i.end, b.end) - Math.max(i.begin, b.begin)));
    return {
      name: b.label + " runs (EL1, EL0, and what EL2 and EL3 do until another is returned to)",
      facts: [waited > 0 && "waits for " + duration(waited) + " of it (WFI, WFE)"]
    };
  };
  return blockRow("what runs", blocks, {kind: "worlds", describe, idles});
}

/// `names`: of its interrupt_sources.
function interruptRow(events, names, cpu) {
  const {interrupts: all, interrupt_sources: sources} = events, blocks = [];
  for (let i = 0; i < all.source.length; ++i) {
    const source = sources[all.source[i]];
    if (source.cpu !== cpu) continue;
    const handled = all.acknowledged_ps[i], begin = all.asserted_ps[i] || handled;
    const end = Math.max(begin, handled, all.dropped_ps[i], all.deactivated_ps[i], all.withdrawn_ps[i]);
    const color = kInterruptColors[source.virtual ? "virtual" : "physical"];
    blocks.push({begin, end, handled, color, label: names[all.source[i]], event: i});
  }
  const describe = (b) => {
    const at = (name) => all[name][b.event];
    const span = (what, from, to) => at(from) && at(to) ? duration(Math.max(at(to) - at(from), 0)) + " " + what : null;
    return {
      name: b.label,
      facts: [
        span("from the wire to the signal", "asserted_ps", "signalled_ps"),
        span("from the wire to the handler", "asserted_ps", "acknowledged_ps"),
        span("from the handler to the priority drop", "acknowledged_ps", "dropped_ps"),
        span("from the handler to the deactivation", "acknowledged_ps", "deactivated_ps"),
        at("withdrawn_ps") ? "withdrawn before it was acknowledged" : null
      ]
    };
  };
  return blocks.length > 0 && blockRow("interrupts", blocks, {kind: "interrupts", describe});
}

/// Rates between samples. Where a measured stretch begins anew, sums do too.
function rateRow(core) {
  const {at, instructions} = core.samples, points = [];
  for (let i = 1; i < at.length; ++i) {
    if (instructions[i] < instructions[i - 1] || at[i] <= at[i - 1]) continue;
    points.push({
      begin: at[i - 1] * core.period_ps,
      end: at[i] * core.period_ps,
      value: (instructions[i] - instructions[i - 1]) / (at[i] - at[i - 1])
    });
  }
  const highest = points.reduce((most, p) => Math.max(most, p.value), 0);
  const title = "instructions a cycle, up to " + highest.toFixed(2);
  const describe = (b) => ({name: "instructions a cycle: " + b.value.toFixed(3), facts: []});
  return points.length > 1 && {...blockRow(title, points, {kind: "rate", describe, highest}), lanes: 1};
}

function dmaRows(events) {
  const {dma, dma_sources: sources} = events, ps = events.dma_period_ps;
  const name = (s) => "stream " + hex(s.stream) + (s.has_substream ? "." + s.substream : "") +
      (s.owner.guest ? ", VMID " + s.owner.vmid : "");
  const blocks = sources.map(() => []);
  dma.source.forEach((source, i) => {
    const level = events.dma_levels[dma.level[i]];
    blocks[source].push({
      begin: dma.begin[i] * ps,
      end: (dma.begin[i] + dma.cycles[i]) * ps,
      color: kDmaColors[level] || kOtherColor,
      label: level,
      event: i
    });
  });
  const describe = (b) => ({
    name: "DMA " + (dma.write[b.event] ? "write" : "read") + ", answered by: " + b.label,
    facts: [plural(dma.cycles[b.event], "cycle") + " of the SMMU"].concat(
        Object.entries(dma.inside)
            .filter(([, column]) => column[b.event] > 0)
            .map(([part, column]) => part + " " + grouped(column[b.event])))
  });
  return sources.map((s, i) => blockRow("SMMU, " + name(s), blocks[i], {kind: "dma", describe}, kMostDmaLanes))
      .sort((a, b) => b.blocks.length - a.blocks.length)
      .slice(0, 8);
}

/// Where the log has none of a kind, though it happened: [begin, end] in picoseconds.
function missing(core, keep, table) {
  const {dropped, begin, cycles} = core[table], {phases} = core, ps = core.period_ps;
  if (dropped === 0 || begin.length === 0 || phases.begin.length === 0) return null;
  const last = phases.begin.length - 1;
  if (keep === "first") {
    return [
      (begin[begin.length - 1] + cycles[cycles.length - 1]) * ps, (phases.begin[last] + phases.cycles[last]) * ps
    ];
  }
  return [phases.begin[0] * ps, (begin[0] + (table === "traps" ? cycles[0] : 0)) * ps];
}

/// Colours of reasons and of worlds, the same for all of `list` (events of reports).
function timelineColors(list) {
  const cores = list.flatMap((events) => events.cores);
  return {reasons: reasonColors(cores), worlds: worldColors(cores)};
}

/// All rows of these cores, in groups, and from when to when.
function timelineRows(events, names, cpus, colors = timelineColors([events])) {
  const rows = [];
  for (const core of events.cores.filter((c) => cpus.includes(c.cpu))) {
    const traps = trapRows(core, colors.reasons);
    const gap = missing(core, events.keep, "traps");
    for (const row of traps) row.missing = gap;
    const world = worldRow(core, colors.worlds);
    world.missing = missing(core, events.keep, "worlds");
    const of = [world, ...traps, walkRow(core), interruptRow(events, names, core.cpu), rateRow(core)].filter(
        (row) => row && row.blocks.length > 0);
    rows.push(...of.map((row) => ({...row, group: "cpu " + core.cpu})));
  }
  rows.push(...dmaRows(events).map((row) => ({...row, group: "DMA"})));
  return timelineOf(rows, colors);
}
function timelineOf(rows, colors) {
  const begin = rows.reduce((first, row) => Math.min(first, row.blocks[0].begin), Infinity);
  const end = rows.reduce((last, row) => Math.max(last, row.latest[row.latest.length - 1]), 0);
  return {rows, begin, end, ...colors};
}
