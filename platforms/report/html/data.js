// The page's data, and what is computed from it.
function read(id) {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : null;
}
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const sumOf = (object) => sum(Object.values(object));
const per = (part, whole) => (whole ? part / whole : 0);
const mean = (distribution) => per(distribution.sum, distribution.count);

const contextName = (c) => "EL" + c.el + (c.guest ? " VMID " + c.vmid : "");
const ownerName = (o) => (o.guest ? "VMID " + o.vmid : "no stage 2");
const reason = (t) => [t.control, t.subject].filter((s) => s !== "").join(": ");
const stages = (w) => (w.stage1 && w.stage2 ? "stages 1+2" : w.stage2 ? "stage 2" : "stage 1");
const walkName = (w) => w.regime + ", " + stages(w) + ", " + w.purpose;
const geometry = (t) => (t.ways === 0 ? "full" : t.ways + "-way");

/// The parts of a stacked bar: the report's groups of causes, and idling on its own.
function partsOf(notes) {
  const parts = notes.groups.map((name, i) => ({name, color: "var(--c" + i + ")"}));
  parts.push({name: "idle", color: "var(--c9)"});
  const part = new Map(notes.causes.map((c) => [c.name, c.name === "idle" ? parts.length - 1 : c.group]));
  return {
    parts,
    of(cycles) {
      const values = parts.map(() => 0);
      for (const [cause, n] of Object.entries(cycles)) values[part.get(cause)] += n;
      return values;
    },
  };
}

function addTo(object, more) {
  for (const [name, n] of Object.entries(more)) object[name] = (object[name] || 0) + n;
  return object;
}
/// Rows of one name as one: caches of several cores, and those that they share.
function mergedCaches(caches) {
  const rows = new Map();
  for (const c of caches) {
    const same = rows.get(c.name);
    if (!same)
      rows.set(c.name, {...c, counts: {...c.counts}, evictions_by: [...c.evictions_by]});
    else {
      addTo(same.counts, c.counts);
      same.evictions_by.push(...c.evictions_by);
      same.evictions_by_others += c.evictions_by_others;
    }
  }
  return [...rows.values()];
}
