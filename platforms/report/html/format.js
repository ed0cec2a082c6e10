// Numbers for people, as platforms/report/format.cpp writes them.
const grouped = (n) => Math.round(n).toLocaleString("en-US");
function decimal(n) {
  if (Math.abs(n) >= 10000) return grouped(n);
  return n.toLocaleString("en-US", {minimumFractionDigits: 1, maximumFractionDigits: 1});
}
function percent(part, whole) {
  if (!whole || part === 0) return "0.0 %";
  const p = (100 * part) / whole;
  return p < 0.05 ? "<0.1 %" : p.toFixed(1) + " %";
}
function duration(ps) {
  for (const [unit, size] of [["s", 1e12], ["ms", 1e9], ["µs", 1e6], ["ns", 1e3]]) {
    if (ps >= size) return (ps / size).toPrecision(4) + " " + unit;
  }
  return grouped(ps) + " ps";
}
/// 12,300,000 -> "12.3 M", for axes and narrow places.
function short(n) {
  for (const [unit, size] of [["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
    if (Math.abs(n) >= size) return parseFloat((n / size).toPrecision(3)) + " " + unit;
  }
  return String(parseFloat(n.toPrecision(3)));
}
function bytes(n) {
  for (const [unit, size] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]]) {
    if (n >= size) return parseFloat((n / size).toFixed(2)) + " " + unit;
  }
  return n + " B";
}
const hex = (n) => "0x" + n.toString(16);
const plural = (n, one, many) => grouped(n) + " " + (n === 1 ? one : many || one + "s");
