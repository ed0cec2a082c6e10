// The page of one report, section by section.
function summarySection(report, core, notes) {
  const {run, cores} = report;
  const conserved = cores.every((c) => c.elapsed - c.origin === c.accounted);
  const inTraps = sum(core.traps.map((t) => t.inside_total));
  const inWalks = sum(core.walks.map((w) => w.cycles.sum));
  const idle = sum(core.contexts.map((c) => c.cycles.idle || 0));
  const walks = sum(core.walks.map((w) => w.count));
  const traps = sum(core.traps.map((t) => t.count));
  const taken = sum(report.interrupts.map((i) => i.count));
  const problems = (report.contract_violations || []).length + report.unimplemented_encodings.length;
  return section(
      "summary", "Summary", null, findings(report, core, notes),
      h("dl", {class: "cards"}, card("simulated time", duration(run.simulated_ps)),
        cores.length > 0 &&
            [
              card("cycles measured", short(core.accounted), grouped(core.accounted)),
              core.instructions > 0 &&
                  card(
                      "instructions", short(core.instructions),
                      decimal(per(core.accounted - idle, core.instructions)) + " cycles each, idle apart"),
              card(
                  "in traps", percent(inTraps, core.accounted),
                  plural(traps, "trap") + ", mean " + decimal(per(inTraps, traps)) + " cycles"),
              card(
                  "in walks", percent(inWalks, core.accounted),
                  plural(walks, "walk") + ", mean " + decimal(per(inWalks, walks)) + " cycles"),
              idle > 0 && card("idle", percent(idle, core.accounted)),
              taken > 0 && card("interrupts taken", grouped(taken)),
              card(
                  "ledger", badge(conserved ? "good" : "bad", conserved ? "conserved" : "NOT CONSERVED"),
                  conserved ? "every cycle has a cause" : "cycles without a cause: a fault of the simulator")
            ],
        problems > 0 &&
            card(
                "look at", h("a", {href: "#problems"}, plural(problems, "problem")),
                "of the software or of the model")));
}

function ledgerSection(core, report, notes) {
  if (core.contexts.length === 0) return null;
  const {parts, of} = partsOf(notes);
  const rows = [...core.contexts].sort((a, b) => b.total_cycles - a.total_cycles);
  const whole = core.accounted;
  const causes = {};
  for (const c of rows) addTo(causes, c.cycles);
  const what = new Map(notes.causes.map((c) => [c.name, c.what]));
  const bars = rows.slice(0, 24).map((c) => ({
                                       name: contextName(c.context),
                                       values: of(c.cycles),
                                       remark: short(c.total_cycles) + " · " + percent(c.total_cycles, whole)
                                     }));
  return section(
      "ledger", "Where the time went",
      "Every modelled cycle has one cause, and belongs to one exception level and VMID.",
      stackedBars("Cycles by exception level and VMID", parts, bars, "cycles"),
      stackedBars("The same, each as a whole", parts, bars.map((b) => ({...b, remark: ""})), "cycles", {even: true}),
      core.merged &&
          stackedBars(
              "By core", parts,
              report.cores.map((c) => ({
                                 name: "cpu " + c.cpu + ", " + c.model,
                                 values: parts.map((_, i) => sum(c.contexts.map((x) => of(x.cycles)[i]))),
                                 remark: short(c.accounted)
                               })),
              "cycles"),
      table(
          [
            words("who", (c) => contextName(c.context)),
            number("cycles", (c) => c.total_cycles),
            share("share", (c) => c.total_cycles, whole),
            number("instructions", (c) => c.instructions),
            {
              title: "cycles/instr.",
              number: true,
              value: (c) => per(c.total_cycles, c.instructions),
              text: (c) => (c.instructions ? per(c.total_cycles, c.instructions).toFixed(2) : "")
            },
          ],
          rows, {
            label: "Time by exception level and VMID",
            sort: 1,
            limit: 25,
            detail: (c) => causesTable(c.cycles, what, "Causes of " + contextName(c.context))
          }),
      h("h3", {}, "By cause"), causesTable(causes, what, "Time by cause"));
}
function causesTable(cycles, what, label) {
  const whole = sumOf(cycles);
  return table(
      [
        words("cause", (c) => c[0]), number("cycles", (c) => c[1]), share("share", (c) => c[1], whole),
        words("what it is", (c) => what.get(c[0]), {kind: "words"})
      ],
      Object.entries(cycles), {label, sort: 1});
}

const kStations = [
  {name: "wire to signal", color: "var(--c5)"}, {name: "signal to handler", color: "var(--c0)"},
  {name: "handler to priority drop", color: "var(--c2)"}
];
function interruptsSection(report, notes) {
  if (report.interrupts.length === 0) return section("interrupts", "Interrupts", "None were taken.");
  const rows = report.interrupts.map((i, n) => ({...i, name: notes.interrupts[n]})).sort((a, b) => b.count - a.count);
  const core = (i) => report.cores.find((c) => c.cpu === i.cpu) || {};
  const cycles = (i) => (core(i).frequency_mhz || 1000) / 1e6;  // of the core, a picosecond
  const station = (title, name, more) =>
      fraction(title, (i) => (i[name].count ? mean(i[name]) * cycles(i) : null), more);
  const quantile = (title, of) =>
      number(title, (i) => (i.asserted_to_ack_ps.count ? i.asserted_to_ack_ps[of] * cycles(i) : null));
  const several = report.cores.length > 1;
  const bars = rows.filter((i) => i.asserted_to_ack_ps.count > 0).slice(0, 12).map((i) => {
    const signalled = mean(i.asserted_to_signalled_ps), ack = mean(i.asserted_to_ack_ps);
    return {
      name: i.name + (several ? ", cpu " + i.cpu : ""),
      values: [signalled, Math.max(ack - signalled, 0), mean(i.ack_to_drop_ps)].map((ps) => ps * cycles(i)),
      remark: "× " + grouped(i.count)
    };
  });
  return section(
      "interrupts", "Interrupts", "Core cycles from the wire to the handler's acknowledge, then from there on.",
      bars.length > 0 && stackedBars("A mean interrupt, from the device's wire on", kStations, bars, "cycles"),
      table(
          [
            words("interrupt", (i) => i.name),
            words("cpu", (i) => (several ? i.cpu : null), {number: true, keep: several}),
            number("taken", (i) => i.count),
            station("mean", "asserted_to_ack_ps"),
            quantile("p50", "p50"),
            quantile("p99", "p99"),
            quantile("max", "max"),
            {
              title: "mean time",
              number: true,
              value: (i) => mean(i.asserted_to_ack_ps),
              text: (i) => (i.asserted_to_ack_ps.count ? duration(mean(i.asserted_to_ack_ps)) : "")
            },
            station("to signal", "asserted_to_signalled_ps"),
            station("handler to drop", "ack_to_drop_ps"),
            station("to deactivation", "ack_to_deactivate_ps"),
            number("withdrawn", (i) => i.withdrawn, {hint: "gone before it was acknowledged"}),
            number("skewed", (i) => i.skewed, {hint: "stations out of order within a quantum; counted as 0"}),
          ],
          rows, {
            label: "Interrupts",
            sort: 2,
            limit: 25,
            filter: true,
            detail: (i) => distributions(
                ...[["Wire to handler", "asserted_to_ack_ps"], ["Wire to signal", "asserted_to_signalled_ps"],
                    ["Handler to priority drop", "ack_to_drop_ps"], ["Handler to deactivation", "ack_to_deactivate_ps"]]
                    .map(([caption, name]) => [i[name], {caption, unit: "ns", scale: 1e-3}]))
          }));
}

function regionSection({region, sampling}) {
  const asked = region.from !== "" || region.until !== "" || region.warm_up !== 0;
  if (!asked && sampling.period === 0) return null;
  const spread = (m) => (m.half_width ? "± " + decimal(m.half_width) : "");
  return section(
      "region", "Region of interest",
      (region.from || "the start") + " … " + (region.until || "the end") +
          (region.warm_up ? ", after " + plural(region.warm_up, "instruction") + " of warm-up" : ""),
      region.spans.length > 0 &&
          table(
              [
                number("from instruction", (s) => s.first_instruction, {keep: true}),
                number("to instruction", (s) => s.end_instruction), words("from", (s) => duration(s.begin_ps)),
                words("to", (s) => duration(s.end_ps))
              ],
              region.spans, {label: "Where the region was", limit: 10}),
      sampling.period !== 0 && [
        h("h3", {}, "Samples"),
        h("p", {class: "remark"},
          plural(sampling.samples, "sample") + " of " + grouped(sampling.measure) + " instructions every " +
              grouped(sampling.period) + ", after " + grouped(sampling.warm) +
              " to warm up. All of the region, had it been timed: " + grouped(sampling.cycles) + " ± " +
              grouped(sampling.cycles_half_width) + " cycles (95 % confidence)."),
        table(
            [
              words("figure", (m) => m.name), {
                title: "mean",
                number: true,
                value: (m) => m.mean,
                text: (m) => parseFloat(m.mean.toPrecision(5)).toLocaleString("en-US")
              },
              {
                title: "95 % interval",
                number: true,
                value: (m) => m.half_width,
                text: (m) =>
                    (m.half_width ? "± " + parseFloat(m.half_width.toPrecision(3)).toLocaleString("en-US") : "")
              },
              ratio("of the mean", (m) => m.half_width, (m) => m.mean), number("samples", (m) => m.samples)
            ],
            sampling.metrics, {label: "Samples"})
      ]);
}

function problemsSection(report) {
  const violations = report.contract_violations || [], encodings = report.unimplemented_encodings;
  if (violations.length + encodings.length === 0) return null;
  return section(
      "problems", "To look at", null,
      violations.length > 0 &&
          [
            h("h3", {}, "What the software owed the MMU"),
            table(
                [
                  words("kind", (v) => v.kind), number("times", (v) => v.count),
                  words("what", (v) => v.what, {kind: "words"}), number("first: cpu", (v) => v.cpu, {keep: true}),
                  number("cycle", (v) => v.cycle), number("stage", (v) => v.stage), number("VMID", (v) => v.vmid),
                  number("ASID", (v) => v.asid)
                ],
                violations, {label: "Contract violations"})
          ],
      encodings.length > 0 && [
        h("h3", {}, "Encodings that the model does not have"),
        h("p", {class: "remark"}, "They were UNDEFINED to the guest."),
        table(
            [
              words(
                  "instruction", (u) => u.instruction.toString(16).padStart(8, "0"),
                  {cell: (u) => h("code", {}, u.instruction.toString(16).padStart(8, "0"))}),
              number("times", (u) => u.count)
            ],
            encodings, {label: "Unimplemented encodings"})
      ]);
}

function reportHeader(report, tools) {
  const {run, cores} = report;
  const kinds = [...new Set(
      cores.map((c) => (c.model === kNoCore ? "MMU" : c.model) + " at " + grouped(c.frequency_mhz) + " MHz"))];
  const name = (path) => path.split("/").pop();
  return h(
      "header", {}, h("div", {class: "brand"}, h("strong", {}, "Trapwalk"), "report", tools),
      h("h1", {}, run.images.map(name).join(", ") || run.platform), h("p", {class: "facts"}, [
        ["platform", run.platform], ["cores", cores.length > 0 ? cores.length + " × " + kinds.join(", ") : null],
        ["fidelity", run.fidelity], ["stopped", run.stopped + " (exit status " + run.exit_status + ")"]
      ].filter(([, v]) => v).map(([what, v]) => h("span", {}, what + " ", h("b", {}, v)))));
}

/// The model of a replay, which has no core.
const kNoCore = "none";

/// All that depends on which core is looked at.
function reportSections(report, notes, core) {
  const smmu = report.smmu || [];
  const evicting = [
    ...core.tlbs.map((t) => ({...t, name: t.name + " TLB".repeat(/^L\d/.test(t.name))})),
    ...mergedCaches([
      ...core.caches, ...report.shared_caches
    ]).map((c) => ({...c, name: c.name + " cache".repeat(/^L\d/.test(c.name))})),
    ...smmu.flatMap((s) => s.structures.map((t) => ({...t, name: "SMMU " + t.name})))
  ];
  const has = report.cores.length > 0, cpus = report.cores.some((c) => c.model !== kNoCore);
  return [
    summarySection(report, core, notes),
    problemsSection(report),
    regionSection(report),
    studySection(report),
    timelineSection(report, notes, core),
    has && ledgerSection(core, report, notes),
    has && trapsSection(core, notes),
    has && walksSection(core, notes),
    (cpus || report.interrupts.length > 0) && interruptsSection(report, notes),
    tlbsSection(core),
    evicting.length > 0 &&
        section(
            "interference", "Who evicted whom",
            "Entries of the row's owner that the column's owner pushed out; those of another are interference, the framed ones are its own.",
            interference(evicting)),
    smmuSection(report),
    pl330Section(report),
    ghostsSection(report, core),
    cachesSection(core, report),
    branchesSection(core),
    memorySection(report),
    settingsSection(report),
  ].flat()
      .filter(Boolean);
}

function reportPage(report, notes, frame) {
  const none = {
    accounted: 0,
    instructions: 0,
    contexts: [],
    traps: [],
    walks: [],
    tlbs: [],
    caches: [],
    branches: [],
    recent_walks: []
  };
  const all =
      notes.all_cores && {...notes.all_cores, accounted: sum(report.cores.map((c) => c.accounted)), merged: true};
  const choices =
      all ? [["all cores", all], ...report.cores.map((c) => ["cpu " + c.cpu, c])] : [["", report.cores[0] || none]];
  const draw = (core) => frame.show(reportSections(report, notes, core));
  const choose = all &&
      h("select", {"aria-label": "Which core", onchange: (e) => draw(choices[e.target.selectedIndex][1])},
        choices.map(([name]) => h("option", {}, name)));
  frame.header(reportHeader(report, frame.tools(choose, saveButton("report"))));
  draw(choices[0][1]);
}
