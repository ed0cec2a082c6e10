// What `--platform dma-study` adds to a report: its masters, their I/Os, commands and stalled faults.
const kLatency = (of) =>
    [fraction("mean, ns", (r) => per(of(r).sum_ps, of(r).count) / 1e3), fraction("min", (r) => of(r).min_ps / 1e3),
     fraction("p50", (r) => of(r).p50_ps / 1e3), fraction("p99", (r) => of(r).p99_ps / 1e3),
     fraction("max", (r) => of(r).max_ps / 1e3)];

function mastersTable(study) {
  const rows = study.masters.flatMap(
      (m) => m.streams.flatMap(
          (s) => [["reads", s.reads, s.read_bytes, s.read_latency],
                  ["writes", s.writes, s.written_bytes, s.write_latency]]
                     .filter(([, count]) => count > 0)
                     .map(([kind, count, moved, latency]) => ({
                            master: m.name,
                            stream: hex(s.stream) + (s.substream === undefined ? "" : "." + s.substream),
                            kind,
                            count,
                            latency,
                            rate: per(moved * 1e12, m.elapsed_ps) / 1e6,
                            each: per(count * 1e12, m.elapsed_ps) / 1e6,
                            refused: s.refused,
                            wrong: kind === "reads" ? s.wrong : 0
                          }))));
  if (rows.length === 0) return null;
  return table(
      [
        words("master", (r) => r.master), words("stream", (r) => r.stream), words("", (r) => r.kind),
        number("requests", (r) => r.count), fraction("MB/s", (r) => r.rate), fraction("M/s", (r) => r.each),
        ...kLatency((r) => r.latency), number("refused", (r) => r.refused), number("wrong", (r) => r.wrong)
      ],
      rows, {label: "Masters", limit: 40, filter: true});
}
function studySection(report) {
  const study = report.study;
  if (!study) return null;
  const {io, faults} = study;
  const latencies =
      [
        ["I/O, to the end of its invalidation", "latency"], ["unmapping and invalidation", "unmapping"],
        ["to the doorbell", "to_doorbell"], ["to the end of CMD_SYNC", "to_sync"]
      ].map(([name, key]) => ({name, of: io && io[key]}))
          .filter((r) => r.of && r.of.count > 0);
  return section(
      "study", "DMA study", "Latencies in ns, from the device's wish to the end.",
      study.wrong_words > 0 &&
          h("p", {}, badge("bad", "WRONG"),
            " " + plural(study.wrong_words, "doubleword") + " of memory hold what belongs elsewhere."),
      mastersTable(study),
      study.link_bytes_per_second !== undefined &&
          h("p", {class: "remark"},
            "The link alone, by the formula: " + decimal(study.link_bytes_per_second / 1e6) + " MB/s."),
      io &&
          [
            h("h3", {}, "I/O"),
            h("p", {class: "remark"},
              plural(io.count, "I/O") + " in " + duration(io.elapsed_ps) + ": " +
                  per(io.count * 1e6, io.elapsed_ps).toFixed(3) + " million a second" +
                  (io.wrong ? "; " + grouped(io.wrong) + " with wrong data, or refused" : "") + "; " +
                  plural(io.flushes, "flush", "flushes") + "."),
            latencies.length > 0 &&
                table(
                    [words("ns", (r) => r.name), number("times", (r) => r.of.count), ...kLatency((r) => r.of)],
                    latencies, {label: "Latencies of I/O"}),
            sumOf(io.commands_sent) > 0 &&
                table([words("command", (c) => c[0]), number("times", (c) => c[1])], Object.entries(io.commands_sent), {
                  label: "Commands sent",
                  sort: 1,
                  caption: "Commands sent; " + plural(io.doorbells, "doorbell") + ", the queue was full " +
                      plural(io.queue_full, "time")
                })
          ],
      faults && [
        h("h3", {}, "Stalled faults"),
        table(
            [
              number("pages mapped", (f) => f.mapped, {keep: true}), number("terminated", (f) => f.terminated),
              number("other events", (f) => f.others), ...kLatency((f) => f.answer)
            ],
            [faults], {label: "Stalled faults"})
      ]);
}
