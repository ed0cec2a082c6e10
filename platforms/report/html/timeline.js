// The timeline: which guest runs on each core when, traps by reason, interrupts, DMA; zoomed and moved by mouse, touch
// and keys.
function timelineView(timeline) {
  return {
    begin: timeline.begin,
    end: timeline.end,
    width: 800,
    height: laidOut(timeline.rows),
    font: getComputedStyle(document.body).fontFamily,
    x(time) {
      return ((time - this.begin) / (this.end - this.begin)) * this.width;
    },
    time(x) {
      return this.begin + (x / this.width) * (this.end - this.begin);
    },
    all() {
      this.show(timeline.begin, timeline.end);
    },
    /// The part [begin, end], moved and stretched to what there is.
    show(begin, end) {
      const whole = timeline.end - timeline.begin,
            length = Math.min(Math.max(end - begin, Math.min(2000, whole)), whole);
      this.begin = Math.min(Math.max((begin + end - length) / 2, timeline.begin), timeline.end - length);
      this.end = this.begin + length;
    },
    zoom(factor, x = this.width / 2) {
      const time = this.time(x), length = (this.end - this.begin) * factor, part = x / this.width;
      this.show(time - length * part, time + length * (1 - part));
    },
    move(pixels) {
      const by = (pixels / this.width) * (this.end - this.begin);
      this.show(this.begin + by, this.end + by);
    },
  };
}

/// Mouse, fingers and keys of a canvas. A finger moves it sideways, two stretch it; up and down stay the page's.
function steer(canvas, view, {redraw, choose, step}) {
  const fingers = new Map();
  let moved = 0;
  const where = (e) => e.clientX - canvas.getBoundingClientRect().left;
  canvas.addEventListener("wheel", (e) => {
    if (!e.ctrlKey && !e.metaKey && Math.abs(e.deltaX) <= Math.abs(e.deltaY) && !e.shiftKey) return;
    e.preventDefault();
    if (e.ctrlKey || e.metaKey)
      view.zoom(Math.exp(Math.max(-1, Math.min(1, e.deltaY / 200))), where(e));
    else
      view.move(e.deltaX || e.deltaY);
    redraw();
  }, {passive: false});
  canvas.addEventListener("pointerdown", (e) => {
    if (fingers.size === 0) moved = 0;
    fingers.set(e.pointerId, where(e));
    canvas.setPointerCapture(e.pointerId);
  });
  canvas.addEventListener("pointermove", (e) => {
    if (!fingers.has(e.pointerId)) return;
    const old = [...fingers.values()];
    fingers.set(e.pointerId, where(e));
    const now = [...fingers.values()];
    moved += Math.abs(now[0] - old[0]);
    if (now.length === 1) {
      view.move(old[0] - now[0]);
    } else {
      const apart = (x) => Math.max(Math.abs(x[0] - x[1]), 8), middle = (x) => (x[0] + x[1]) / 2;
      view.zoom(apart(old) / apart(now), middle(now));
      view.move(middle(old) - middle(now));
      moved = Infinity;
    }
    redraw();
  });
  const lift = (e) => fingers.delete(e.pointerId);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerup", (e) => {
    if (fingers.size === 1 && moved < 5) choose(where(e), e.clientY - canvas.getBoundingClientRect().top);
    lift(e);
  });
  canvas.addEventListener("dblclick", (e) => (view.zoom(0.3, where(e)), redraw()));
  const keys = {
    ArrowLeft: () => view.move(-view.width / 6),
    ArrowRight: () => view.move(view.width / 6),
    "+": () => view.zoom(0.6),
    "=": () => view.zoom(0.6),
    "-": () => view.zoom(1 / 0.6),
    "0": () => view.all(),
    Home: () => view.all(),
    n: () => step(1),
    p: () => step(-1)
  };
  canvas.addEventListener("keydown", (e) => {
    if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    keys[e.key]();
    redraw();
  });
}

/// What the chosen block is, in words, and the inside of a trap as a strip.
function detailsOf({row, block}, notes) {
  const {name, facts, inside} = row.describe(block, row);
  const {parts} = partsOf(notes);
  const values = inside && parts.map((p) => inside[p.name] || 0);
  const shown = inside ? parts.map((p, i) => i).filter((i) => values[i] > 0) : [];
  return [
    h("p", {}, h("b", {}, name), h("br"),
      ["at " + duration(block.begin), "for " + duration(block.end - block.begin), ...facts].filter(Boolean).join(
          " · ")),
    shown.length > 0 &&
        [
          h("div", {class: "stack"},
            h("div", {class: "row"}, h("div", {class: "name"}, "inside"), strip(parts, values, sum(values), "cycles"),
              h("div", {class: "sum"}, plural(sum(values), "cycle")))),
          legend(shown.map((i) => ({...parts[i], name: parts[i].name + " " + grouped(values[i])})))
        ]
  ];
}

/// The names of the colours; the reasons that share one are one.
function timelineLegend({reasons, worlds, rows}) {
  const named = (color, name) => ({color: "var(--" + color + ")", name});
  const of = [...worlds].map(([vmid, color]) => named(color, "VMID " + vmid));
  if (rows.some((r) => r.kind === "worlds" && r.blocks.some((b) => b.color === kNoWorldColor)))
    of.push(named(kNoWorldColor, "no stage 2"));
  const large = [...reasons].filter(([, color]) => color !== kOtherColor);
  of.push(...large.map(([name, color]) => named(color, name)));
  if (large.length < reasons.size) of.push(named(kOtherColor, plural(reasons.size - large.length, "other reason")));
  if (rows.some((r) => r.kind === "walks"))
    of.push(named("c6", "walk, stages 1+2"), named("c0", "walk, stage 1"), named("c4", "walk, stage 2"));
  if (rows.some((r) => r.kind === "dma")) {
    of.push(...Object.entries(kDmaColors).map(([level, color]) => named(color, "DMA: " + level)));
  }
  return legend(of);
}

function timelineRemark(events) {
  const all =
      [...events.cores.flatMap((c) => [c.traps, c.worlds, c.idle, c.walks, c.samples]), events.interrupts, events.dma];
  const dropped = sum(all.map((table) => table.dropped));
  const what = events.cores.length > 0 ?
      "Which guest a core runs, the traps by reason, and interrupts: a mark where the handler begins, with a line from the wire. Pale: the core waits. " :
      "Translations of the SMMU by stream, coloured by who answered; those that a TBU answers at once are not among them. ";
  return what + "Narrow blocks are drawn as their share of the time." +
      (dropped > 0 ? " Of each kind" + (events.cores.length > 0 ? " and core" : "") + " the " + events.keep + " " +
               grouped(events.limit) + " events were kept, " + grouped(dropped) + " were dropped" +
               (events.cores.length > 0 ? ": slanted lines." : ".") :
                     "");
}

/// Draws when the canvas has a width, and again when that, or the colours, change.
function drawWhenNeeded(canvas, view, draw) {
  let due = false;
  const later = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      draw();
    });
  };
  new ResizeObserver(() => {
    if (canvas.clientWidth !== view.width || !canvas.dataset.drawn) draw();
  }).observe(canvas);
  new MutationObserver(later).observe(document.documentElement, {attributeFilter: ["data-theme"]});
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", later);
  for (const event of ["beforeprint", "afterprint"]) window.addEventListener(event, draw);
  return later;
}

function timelineSection(report, notes, core) {
  if (!report.events) return null;
  const events = report.events[0], cpus = core.merged ? report.cores.map((c) => c.cpu) : [core.cpu];
  return timelinePanel(timelineRows(events, notes.interrupt_sources, cpus), notes, timelineRemark(events));
}

function timelinePanel(timeline, notes, remark) {
  if (timeline.rows.length === 0) return section("timeline", "Timeline", "No event was kept.");
  const view = timelineView(timeline);
  const canvas = h("canvas", {
    class: "timeline",
    tabindex: "0",
    role: "img",
    style: "height:" + view.height + "px",
    "aria-label": "Timeline from " + duration(timeline.begin) + " to " + duration(timeline.end) +
        ". Arrow keys move it, + and - zoom, 0 shows all, n and p go from event to event; the tables below have the sums."
  });
  const details = h("div", {class: "details", "aria-live": "polite"});
  let chosen = null;
  const redraw = drawWhenNeeded(canvas, view, () => {
    if (canvas.clientWidth === 0) return;
    view.width = canvas.clientWidth;
    drawTimeline(canvas, timeline, view, chosen);
    canvas.dataset.drawn = "true";
  });
  const choose = (what) => {
    chosen = what;
    details.replaceChildren(...(what ? detailsOf(what, notes).flat().filter(Boolean) : [hint()]));
    redraw();
  };
  const hint = () => h(
      "p", {class: "remark"},
      "Choose a block for what it is. Drag to move, Ctrl and the wheel or two fingers to zoom, a double click goes closer; keys: arrows, +, -, 0, n, p.");
  const step = (by) => {
    const row = chosen ? chosen.row : timeline.rows.find((r) => r.kind === "traps") || timeline.rows[0];
    const index = chosen ? chosen.index + by : firstReaching(row, view.begin);
    const block = row.blocks[index];
    if (!block) return;
    if (block.end < view.begin || block.begin > view.end) {
      const half = (view.end - view.begin) / 2;
      view.show(block.begin - half, block.begin + half);
    }
    choose({row, block, lane: row.lane[index], index});
  };
  steer(canvas, view, {redraw, step, choose: (x, y) => choose(blockAt(timeline, view, x, y))});
  const button = (text, label, act) =>
      h("button", {type: "button", "aria-label": label, title: label, onclick: () => (act(), redraw())}, text);
  choose(null);
  return section(
      "timeline", "Timeline", remark,
      h("div", {class: "bar", role: "group", "aria-label": "Which part of the time"},
        button("+", "Closer", () => view.zoom(0.5)), button("−", "Farther", () => view.zoom(2)),
        button("←", "Earlier", () => view.move(-view.width / 3)), button("→", "Later", () => view.move(view.width / 3)),
        button("All", "All of the time", () => view.all()), button("Next", "The next event of the row", () => step(1))),
      timelineLegend(timeline), canvas, details);
}
