// The canvas of a timeline: what of the rows is in view, drawn; what lies under a point.
const kLaneHeight = {
  worlds: 18,
  traps: 20,
  interrupts: 12,
  rate: 26,
  balance: 34,
  walks: 10,
  dma: 10
};
const kTitleHeight = 16, kHeadingHeight = 22, kAxisHeight = 24, kGapHeight = 6;

/// Colours of the page's style as they are now: light, dark or printed.
function palette() {
  const style = getComputedStyle(document.documentElement), known = new Map();
  return (name) => {
    if (!known.has(name)) known.set(name, style.getPropertyValue("--" + name).trim());
    return known.get(name);
  };
}

/// Black or white, which of the two is told better from a ground "#rrggbb".
function inkOn(ground) {
  const [r, g, b] = [1, 3, 5].map((at) => (parseInt(ground.slice(at, at + 2), 16) / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#000000" : "#ffffff";
}

/// The rows' places, from the top.
function laidOut(rows) {
  let y = kAxisHeight;
  rows.forEach((row, i) => {
    row.heading = i === 0 || rows[i - 1].group !== row.group ? row.group : null;
    if (row.heading) y += kHeadingHeight;
    row.titleY = y;
    row.y = y + kTitleHeight;
    row.height = row.lanes * kLaneHeight[row.kind];
    y = row.y + row.height + kGapHeight;
  });
  return y + 8;
}

/// The first block that may reach `time`.
function firstReaching(row, time) {
  let low = 0, high = row.blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (row.latest[middle] > time)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

function drawAxis(g, view, color) {
  const step = niceStep((view.end - view.begin) / Math.max(2, view.width / 110));
  g.fillStyle = color("soft");
  g.strokeStyle = color("line");
  g.lineWidth = 1;
  g.beginPath();
  for (let time = Math.ceil(view.begin / step) * step; time <= view.end; time += step) {
    const x = Math.round(view.x(time)) + 0.5;
    g.moveTo(x, kAxisHeight - 6);
    g.lineTo(x, view.height);
    g.textAlign = x > view.width - 40 ? "right" : x < 20 ? "left" : "center";
    g.fillText(axisTime(time, step), x, 11);
  }
  g.stroke();
  g.textAlign = "left";
}
function niceStep(least) {
  const decade = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return [1, 2, 5, 10].map((n) => n * decade).find((step) => step >= least);
}
/// With as many digits as tell two ticks apart.
function axisTime(ps, step) {
  const [unit, size] = [["s", 1e12], ["ms", 1e9], ["µs", 1e6], ["ns", 1e3]].find(([, size]) => ps >= size) || ["ps", 1];
  const digits = Math.max(0, Math.min(9, Math.ceil(Math.log10(size / step))));
  return (ps / size).toFixed(digits) + " " + unit;
}

/// What is narrower than a pixel is drawn as the share of the pixel's time that it takes, colour upon colour.
function drawShares(g, view, row, lane, shares, color) {
  const height = kLaneHeight[row.kind] - 1, bottom = row.y + (lane + 1) * kLaneHeight[row.kind] - 1;
  for (const [x, parts] of shares) {
    let y = bottom;
    for (const [name, share] of parts) {
      const tall = Math.min(Math.max(share * height, 1.5), y - (bottom - height));
      if (tall <= 0) continue;
      g.fillStyle = color(name);
      g.fillRect(x, y - tall, 1, tall);
      y -= tall;
    }
  }
}

/// What it returns writes the names, over what else is drawn on the blocks.
function drawBlocks(g, view, row, color) {
  const names = [];
  const perLane = Array.from({length: row.lanes}, () => new Map());
  const pixel = (view.end - view.begin) / view.width, tall = kLaneHeight[row.kind];
  for (let i = firstReaching(row, view.begin); i < row.blocks.length && row.blocks[i].begin < view.end; ++i) {
    const b = row.blocks[i];
    if (b.end < view.begin) continue;
    const x = Math.max(view.x(b.begin), -1), width = Math.min(view.x(b.end), view.width + 1) - x;
    if (width < 1) {
      const at = Math.floor(x), shares = perLane[row.lane[i]];
      if (!shares.has(at)) shares.set(at, new Map());
      shares.get(at).set(b.color, (shares.get(at).get(b.color) || 0) + (b.end - b.begin) / pixel);
      continue;
    }
    const y = row.y + row.lane[i] * tall;
    g.fillStyle = color(b.color);
    g.fillRect(x, y, width > 3 ? width - 0.5 : width, tall - 1);
    if (width > 14 && tall > 11) names.push({b, x: Math.max(x, 0) + 4, y, room: width - 8});
  }
  perLane.forEach((shares, lane) => drawShares(g, view, row, lane, shares, color));
  return () => names.forEach((n) => label(g, n, tall, color(n.b.color)));
}
/// The name as far as there is room, or its short form.
function label(g, {b, x, y, room}, tall, ground) {
  const letters = Math.floor(room / 6), {label, short} = b;
  const whole = label.length <= letters || short === undefined ? label : short;
  if (whole.length > letters && letters < 3) return;
  const text = whole.length <= letters ? whole : whole.slice(0, letters - 1) + "…";
  g.fillStyle = ground;
  g.fillRect(x - 2, y + 1, Math.min(g.measureText(text).width, room) + 4, tall - 4);
  g.fillStyle = inkOn(ground);
  g.fillText(text, x, y + tall - (tall > 18 ? 6 : 5));
}

/// Idling as stripes of the ground over what runs.
function drawIdle(g, view, row, color) {
  g.fillStyle = color("ground");
  g.globalAlpha = 0.72;
  let painted = -1;
  for (const idle of row.idles) {
    if (idle.end < view.begin || idle.begin > view.end) continue;
    const x = Math.max(view.x(idle.begin), painted), end = view.x(idle.end);
    if (end <= x) continue;
    g.fillRect(x, row.y + 3, Math.max(end - x, 0.5), row.height - 7);
    painted = end;
  }
  g.globalAlpha = 1;
}

/// A mark where the handler begins, a thin line to it from the wire, a thick one on to the end.
function drawInterrupts(g, view, row, color) {
  const seen = new Set();
  for (let i = firstReaching(row, view.begin); i < row.blocks.length && row.blocks[i].begin < view.end; ++i) {
    const b = row.blocks[i], tall = kLaneHeight.interrupts, y = row.y + row.lane[i] * tall;
    const handled = view.x(b.handled || b.end), x = Math.max(view.x(b.begin), -1),
          end = Math.min(view.x(b.end), view.width);
    const place = Math.round(handled) * kMostLanes + row.lane[i];
    if (end - x < 1 && seen.has(place)) continue;
    seen.add(place);
    g.fillStyle = color(b.color);
    if (handled > x) g.fillRect(x, y + tall / 2 - 1, handled - x, 1.5);
    if (b.handled && end > handled) g.fillRect(Math.max(handled, 0), y + tall / 2 - 3, end - Math.max(handled, 0), 5.5);
    g.beginPath();
    g.moveTo(handled - 3.5, y);
    g.lineTo(handled + 3.5, y);
    g.lineTo(handled, y + tall - 1);
    g.fill();
  }
}

function drawRate(g, view, row, color) {
  g.fillStyle = color("c1");
  g.globalAlpha = 0.85;
  const bottom = row.y + row.height - 1, most = row.highest || 1;
  for (let i = firstReaching(row, view.begin); i < row.blocks.length && row.blocks[i].begin < view.end; ++i) {
    const b = row.blocks[i], x = Math.max(view.x(b.begin), 0), tall = ((row.height - 2) * b.value) / most;
    g.fillRect(x, bottom - tall, Math.max(Math.min(view.x(b.end), view.width) - x, 0.5), tall);
  }
  g.globalAlpha = 1;
}

/// Bars up for more, down for less.
function drawBalance(g, view, row, color) {
  const middle = row.y + row.height / 2, most = row.highest || 1;
  for (let i = firstReaching(row, view.begin); i < row.blocks.length && row.blocks[i].begin < view.end; ++i) {
    const b = row.blocks[i], x = Math.max(view.x(b.begin), 0), tall = ((row.height / 2 - 1) * b.value) / most;
    g.fillStyle = color(b.color);
    g.fillRect(x, middle - Math.max(tall, 0), Math.max(Math.min(view.x(b.end), view.width) - x, 0.5), Math.abs(tall));
  }
  g.fillStyle = color("strong-line");
  g.fillRect(0, middle - 0.5, view.width, 1);
}

/// Where events are missing, slanted lines.
function drawMissing(g, view, row, color) {
  if (!row.missing) return;
  const x = Math.max(view.x(row.missing[0]), 0), end = Math.min(view.x(row.missing[1]), view.width);
  if (end - x < 1) return;
  g.save();
  g.beginPath();
  g.rect(x, row.y, end - x, row.height);
  g.clip();
  g.strokeStyle = color("strong-line");
  g.lineWidth = 1;
  g.beginPath();
  for (let at = x - row.height; at < end; at += 7) {
    g.moveTo(at, row.y + row.height);
    g.lineTo(at + row.height, row.y);
  }
  g.stroke();
  g.restore();
}

function drawRow(g, view, row, color) {
  g.fillStyle = color("text");
  if (row.heading) {
    g.font = "600 13px " + view.font;
    g.fillText(row.heading, 2, row.titleY - 4);
    g.font = "11px " + view.font;
  }
  g.fillStyle = color("soft");
  g.fillText(row.title, 2, row.titleY + 12);
  g.fillStyle = color("raised");
  g.fillRect(0, row.y, view.width, row.height - 1);
  drawMissing(g, view, row, color);
  if (row.kind === "rate")
    drawRate(g, view, row, color);
  else if (row.kind === "balance")
    drawBalance(g, view, row, color);
  else if (row.kind === "interrupts")
    drawInterrupts(g, view, row, color);
  else {
    const writeNames = drawBlocks(g, view, row, color);
    if (row.kind === "worlds") drawIdle(g, view, row, color);
    writeNames();
  }
}

function drawTimeline(canvas, timeline, view, chosen) {
  const dense = window.devicePixelRatio || 1, g = canvas.getContext("2d"), color = palette();
  canvas.width = Math.round(view.width * dense);
  canvas.height = Math.round(view.height * dense);
  canvas.style.height = view.height + "px";
  g.scale(dense, dense);
  g.fillStyle = color("ground");
  g.fillRect(0, 0, view.width, view.height);
  g.font = "11px " + view.font;
  drawAxis(g, view, color);
  for (const row of timeline.rows) drawRow(g, view, row, color);
  // Which part of the whole is in view.
  const whole = (time) => ((time - timeline.begin) / (timeline.end - timeline.begin)) * view.width;
  g.fillStyle = color("line");
  g.fillRect(0, view.height - 4, view.width, 4);
  g.fillStyle = color("accent");
  g.fillRect(whole(view.begin), view.height - 4, Math.max(whole(view.end) - whole(view.begin), 3), 4);
  if (!chosen) return;
  const {row, block, lane} = chosen, x = Math.max(view.x(block.begin), 0), tall = kLaneHeight[row.kind];
  g.strokeStyle = color("text");
  g.lineWidth = 2;
  g.strokeRect(x, row.y + lane * tall, Math.max(Math.min(view.x(block.end), view.width) - x, 2), tall - 1);
}

/// What is at a point: the smallest block, or the nearest within a few pixels; null.
function blockAt(timeline, view, x, y) {
  const row = timeline.rows.find((r) => y >= r.y && y < r.y + r.height);
  if (!row) return null;
  const lane = Math.floor((y - row.y) / kLaneHeight[row.kind]);
  const time = view.time(x), slack = view.time(x + 4) - time;
  let best = null, distance = Infinity, size = Infinity;
  for (let i = firstReaching(row, time - slack); i < row.blocks.length && row.blocks[i].begin <= time + slack; ++i) {
    const block = row.blocks[i];
    if (row.lane[i] !== lane) continue;
    const away = Math.max(block.begin - time, time - block.end, 0);
    if (away > slack || away > distance || (away === distance && block.end - block.begin >= size)) continue;
    best = {row, block, lane: row.lane[i], index: i};
    distance = away;
    size = block.end - block.begin;
  }
  return best;
}
