// The DMA controller (PL330): its channels and its manager.
function pl330Section(report) {
  return (report.pl330 || []).map((p) => {
    const threads = p.threads.filter((t) => t.instructions + t.fetches + t.faults + t.reads.count + t.writes.count > 0);
    const bursts = (title, name) =>
        [number(title, (t) => t[name].count), number("bytes", (t) => t[name].bytes, {hint: "of " + title}),
         fraction(
             "cycles each", (t) => (t[name].count ? per(t[name].cycles, t[name].count) : null),
             {hint: "of " + title + ", from the request to the last beat"})];
    return section(
        "pl330", "DMA controller",
        "A PL330: reads and writes are bursts on its bus; cycles of its clock, " + grouped(p.frequency_mhz) + " MHz.",
        threads.length === 0 ?
            h("p", {}, "It did nothing.") :
            table(
                [
                  words("thread", (t) => t.name), number("programs", (t) => t.starts, {hint: "started by DMAGO"}),
                  number("instructions", (t) => t.instructions),
                  number("microcode lines", (t) => t.fetches, {hint: "fetched into its instruction cache"}),
                  ...bursts("reads", "reads"), ...bursts("writes", "writes"), number("faults", (t) => t.faults)
                ],
                threads, {label: "Threads of the DMA controller"}));
  });
}
