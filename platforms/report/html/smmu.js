// The SMMU: streams, commands, events, structures.
const streamName = (s) => hex(s.stream) + (s.has_substream ? "." + s.substream : "");

function smmuSection(report) {
  return (report.smmu || []).map((s, i) => {
    const streams = s.streams.map(
        (t) => ({...t, name: "stream " + streamName(t), who: ownerName(t.owner), all: sumOf(t.translations)}));
    const answers = [...new Set(streams.flatMap((t) => Object.keys(t.translations)))];
    const costs = [...new Set(streams.flatMap((t) => Object.keys(t.cycles)))];
    const parts = (names) =>
        names.map((name, n) => ({name, color: "var(--c" + [4, 0, 7, 2, 3, 6, 5, 8, 1][n % 9] + ")"}));
    const used = streams.filter((t) => t.all > 0);
    return section(
        i === 0 ? "smmu" : "smmu-" + i, "SMMU", "Times are cycles of its clock, " + grouped(s.frequency_mhz) + " MHz.",
        used.length > 0 &&
            stackedBars(
                "Translations by who answered", parts(answers),
                used.map((t) => ({
                           name: t.name + ", " + t.who,
                           values: answers.map((a) => t.translations[a] || 0),
                           remark: short(t.all)
                         })),
                "translations", {even: true}),
        used.some((t) => sumOf(t.cycles) > 0) &&
            stackedBars(
                "Cycles a translation, by part", parts(costs),
                used.map(
                    (t) => ({name: t.name + ", " + t.who, values: costs.map((c) => per(t.cycles[c] || 0, t.all))})),
                "cycles a translation"),
        streams.length > 0 &&
            table(
                [
                  words("stream", (t) => t.name),
                  words("of", (t) => t.who),
                  number("translations", (t) => t.all),
                  number("reads", (t) => t.reads),
                  number("writes", (t) => t.writes),
                  fraction("mean", (t) => mean(t.latency)),
                  number("p50", (t) => t.latency.p50),
                  number("p99", (t) => t.latency.p99),
                  number("max", (t) => t.latency.max),
                  number("s1 fetches", (t) => t.fetches_stage1),
                  number("s2 fetches", (t) => t.fetches_stage2),
                  number("STE fetches", (t) => t.ste_fetches),
                  number("CD fetches", (t) => t.cd_fetches),
                  number("prefetches", (t) => t.prefetches),
                  number("ATS requests", (t) => t.ats_requests),
                  number("page requests", (t) => t.page_requests),
                ],
                streams, {
                  label: "Streams of the SMMU",
                  sort: 2,
                  limit: 25,
                  detail: (t) => distributions([t.latency, {caption: "Latency of a translation", unit: "cycles"}])
                }),
        h("h3", {}, "Structures"), absentText(s.structures) && h("p", {class: "remark"}, absentText(s.structures)),
        hitBars("Look-ups", s.structures), tlbTable(s.structures, "Structures of the SMMU"),
        s.evictions !== undefined &&
            [
              h("h3", {}, "Which stream evicted which"),
              interference(
                  [...new Set(s.evictions.map((e) => e.structure))].map(
                      (name) => ({name, evictions_by: s.evictions.filter((e) => e.structure === name)})),
                  (who) => streamName(who) + ", " + ownerName(who.owner))
            ],
        s.commands.length > 0 &&
            [
              h("h3", {}, "Commands"),
              table(
                  [
                    words("command", (c) => c.name), number("count", (c) => c.count),
                    number("cycles", (c) => c.cycles, {hint: "until the next one could begin"}),
                    fraction("each", (c) => per(c.cycles, c.count))
                  ],
                  s.commands, {label: "Commands of the SMMU", sort: 2})
            ],
        h("p", {class: "remark"},
          "CMD_SYNC waited " + plural(s.sync_wait_cycles, "cycle") + " for what was before it; " +
              plural(s.commands_illegal, "illegal command") + "."),
        sumOf(s.events) > 0 && [
          h("h3", {}, "Events"),
          table(
              [words("event", (e) => e[0]), number("records", (e) => e[1])],
              Object.entries(s.events).filter((e) => e[1] > 0), {label: "Events of the SMMU", sort: 1}),
          h("p", {class: "remark"},
            grouped(s.events_lost) + " lost because the queue was full, " + grouped(s.events_merged) + " merged.")
        ]);
  });
}
