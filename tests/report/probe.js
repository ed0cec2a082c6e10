// Runs in the page after its own script: uses it as a reader would, and leaves what it saw in an element of its own.
(() => {
  const seen = {errors: window.seenErrors, failures: [], sorted: 0, contrasts: 0, marks: 0};
  const fail = (what) => seen.failures.push(what);
  const text = (e) => e.textContent.trim();
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // The outline: what a golden file holds.
  const columnsOf = (t) => all("thead th", t).map(text);
  seen.outline = all("section").map(
      (s) => ({
        id: s.id,
        title: text(s.querySelector("h2")),
        charts: all("figure", s).map((f) => text(f.querySelector("figcaption")).replace(/[\d.,]+/g, "#")),
        tables: all("table", s).map((t) => columnsOf(t).join(" | ") + " : " + all("tbody > tr", t).length),
      }));
  seen.ready = document.documentElement.dataset.ready;
  seen.findings = all(".findings li").map((e) => text(e).replaceAll("\u00a0", " "));
  seen.heading = text(document.querySelector("h1"));
  seen.hacked = window.hacked !== undefined;
  seen.loaded = performance.getEntriesByType("resource").map((r) => r.name);
  seen.contents = all("nav a").every((a) => document.querySelector(a.getAttribute("href")));
  seen.overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  seen.rows = Object.fromEntries(
      all(".frame[aria-label]").map((f) => [f.getAttribute("aria-label"), {
                                      head: all("thead th", f).map(text),
                                      body: all("tbody > tr", f).map((r) => [...r.children].map(text))
                                    }]));

  // Charts have marks of some size, and a text.
  for (const figure of all("figure.chart")) {
    const marks = all(".mark, .strip span", figure)
                      .filter((m) => m.getBoundingClientRect().width > 0 && m.getBoundingClientRect().height > 0);
    seen.marks += marks.length;
    if (marks.length === 0) fail("a chart without marks: " + text(figure));
    for (const image of all("svg, .strip", figure))
      if (!image.getAttribute("aria-label")) fail("an image without a text in " + text(figure));
  }

  // Every column sorts both ways, and keeps its rows.
  for (const frame of all(".frame").filter((f) => f.querySelector("thead button"))) {
    const label = frame.getAttribute("aria-label");
    const before = all("tbody > tr", frame).map(text).sort();
    all("thead th", frame).forEach((head, i) => {
      for (const direction of [1, 2]) {
        head.querySelector("button").click();
        const way = head.getAttribute("aria-sort");
        if (direction === 2 && !["ascending", "descending"].includes(way)) fail(label + ": aria-sort is " + way);
        const cells = all("tbody > tr", frame).map((r) => text(r.children[i]));
        const numbers =
            cells.filter((c) => /^[-+]?[\d,.]+( %)?$/.test(c)).map((c) => parseFloat(c.replace(/[, %]/g, "")));
        if (numbers.length !== cells.length || numbers.length < 2) continue;
        ++seen.sorted;
        const right =
            numbers.every((n, k) => k === 0 || (way === "ascending" ? numbers[k - 1] <= n : numbers[k - 1] >= n));
        if (!right) fail(label + ", " + text(head) + ", " + way + ": " + cells.join(" "));
      }
    });
    const limited = frame.parentElement.querySelector(".bar button:not([hidden])");
    if (!limited && JSON.stringify(before) !== JSON.stringify(all("tbody > tr", frame).map(text).sort()))
      fail(label + ": sorting lost rows");
  }

  // Filters hold; rows open and close.
  for (const search of all("input[type=search]")) {
    const body = search.closest(".table").querySelector("tbody");
    const word = text(body.firstElementChild.firstElementChild).toLowerCase().split(/\s+/)[0];
    search.value = word;
    search.dispatchEvent(new Event("input"));
    if (!body.firstElementChild || !all(":scope > tr", body).every((r) => text(r).toLowerCase().includes(word)))
      fail("filter " + word);
    search.value = "no such row";
    search.dispatchEvent(new Event("input"));
    if (body.children.length !== 0) fail("a filter that nothing matches leaves rows");
    search.value = "";
    search.dispatchEvent(new Event("input"));
  }
  seen.opened = 0;
  for (const button of all("button.open").slice(0, 40)) {
    const row = button.closest("tr");
    button.click();
    const detail = row.nextElementSibling;
    if (!detail || !detail.classList.contains("detail") || text(detail) === "")
      fail("a row that opens on nothing: " + text(row));
    if (button.getAttribute("aria-expanded") !== "true") fail("aria-expanded");
    ++seen.opened;
    button.click();
    if (row.nextElementSibling === detail) fail("a row that does not close");
  }

  // One core of several.
  const choose = document.querySelector("select");
  if (choose) {
    choose.selectedIndex = choose.options.length - 1;
    choose.dispatchEvent(new Event("change"));
    seen.lastCore =
        all("#ledger .frame[aria-label='Time by exception level and VMID'] tbody > tr").map((r) => text(r.children[1]));
  }

  // What is reached by keyboard, in order.
  seen.focusable = all("a[href], button, select, input, [tabindex]").filter((e) => e.tabIndex >= 0).length;
  if (all("button, select, input").some((e) => e.tabIndex < 0)) fail("a control that the keyboard does not reach");
  if (all("th").some((e) => !e.scope)) fail("a head of a table without its scope");

  // Contrast of every text with its ground, light and dark: WCAG 2.1, 1.4.3.
  const color = (css) => {
    const [r, g, b, a = 1] = css.match(/[\d.]+/g).map(Number);
    return {r, g, b, a};
  };
  const over = (top, under) =>
      Object.fromEntries([..."rgb"].map((c) => [c, top[c] * top.a + under[c] * (1 - top.a)]).concat([["a", 1]]));
  const luminance = (c) => [["r", 0.2126], ["g", 0.7152], ["b", 0.0722]].reduce((sum, [n, w]) => {
    const v = c[n] / 255;
    return sum + w * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  }, 0);
  const ground = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) layers.push(color(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), {r: 255, g: 255, b: 255, a: 1});
  };
  for (const theme of ["light", "dark"]) {
    document.documentElement.dataset.theme = theme;
    const low = new Map();
    for (const e of all("body *")) {
      const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== "");
      if (!own || e.closest("script, noscript, title, [aria-current], #probe") || e.getClientRects().length === 0)
        continue;
      const style = getComputedStyle(e);
      const inSvg = e instanceof SVGElement;
      const mark = e.classList.contains("on") ? e.parentElement.querySelector(".mark") : null;
      const a = luminance(color(inSvg ? style.fill : style.color));
      const b = luminance(mark ? color(getComputedStyle(mark).fill) : ground(inSvg ? e.closest("div") : e));
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      ++seen.contrasts;
      if (contrast < 4.5)
        low.set(e.tagName + "." + (e.getAttribute("class") || ""), contrast.toFixed(2) + " " + text(e).slice(0, 30));
    }
    for (const [where, what] of low) fail(theme + ": contrast " + what + " in " + where);
  }
  const pre = document.createElement("pre");
  pre.id = "probe";
  pre.textContent = JSON.stringify(seen);
  document.body.append(pre);
})();
