// The members of a report with their JSON names, once: writing, reading and the schema are read off these functions.
// `a(name, member)` is a field; `a.derived(name, value)` is written for the user's ease and ignored when read.
#pragma once

#include "platforms/report/report.hpp"

namespace tw::report {

// Keys: of a row of a table, and of an event that is of such a row.
template <class A>
void fields(A& a, cost::WalkKey& key) {
  a("regime", key.regime);
  a("stage1", key.stage1);
  a("stage2", key.stage2);
  a("purpose", key.purpose);
  a("context", key.context);
}
template <class A, class T>
void trap_key(A& a, T& t) {
  a("from", t.from);
  a("to", t.to);
  a("exception_class", t.exception_class);
  a("control", t.control);
  a("subject", t.subject);
}
template <class A, class I>
void interrupt_key(A& a, I& i) {
  a("intid", i.intid);
  a("cpu", i.cpu);
  a("virtual", i.is_virtual);
  a("vmid", i.vmid);
}
template <class A, class S>
void stream_key(A& a, S& s) {
  a("stream", s.stream);
  a("substream", s.substream);
  a("has_substream", s.has_substream);
  a("owner", s.owner);
}

template <class A>
void fields(A& a, cost::Context& c) {
  a("el", c.el);
  a("guest", c.guest);
  a("vmid", c.vmid);
}
template <class A>
void fields(A& a, Run& r) {
  a("platform", r.platform);
  a("fidelity", r.fidelity);
  a("images", r.images);
  a("stopped", r.stopped);
  a("exit_status", r.exit_status);
  a("simulated_ps", r.simulated_ps);
}
template <class A>
void fields(A& a, ContextTotals& c) {
  a("context", c.context);
  a("instructions", c.instructions);
  a.derived("total_cycles", cost::total(c.cycles));
  a("cycles", c.cycles);
}
template <class A>
void fields(A& a, Trap& t) {
  trap_key(a, t);
  a("count", t.count);
  a("returned", t.returned);
  a("unfinished", t.unfinished);
  a("instructions", t.instructions);
  a("walks", t.walks);
  a("away", t.away);
  a("tlb_refills_after", t.indirect[0].count);
  a("tlb_refill_cycles_after", t.indirect[0].cycles);
  a("cache_refills_after", t.indirect[1].count);
  a("cache_refill_cycles_after", t.indirect[1].cycles);
  a.derived("inside_total", cost::total(t.inside));
  a("inside", t.inside);
  a("cycles", t.cycles);
  a("inclusive", t.inclusive);
}
template <class A>
void fields(A& a, LevelFetches& l) {
  a("stage", l.stage);
  a("level", l.level);
  a("for_stage1_level", l.for_stage1_level);
  a("count", l.count);
  a("cycles", l.cycles);
}
template <class A>
void fields(A& a, Walk& w) {
  fields(a, w.key);
  a("count", w.count);
  a("faults", w.faults);
  a("fetches_stage1", w.fetches_stage1);
  a("fetches_stage2", w.fetches_stage2);
  a("cycles_stage1", w.cycles_stage1);
  a("cycles_stage2", w.cycles_stage2);
  a("cycles_final_stage2", w.cycles_final_stage2);
  a("served_by", w.served_by);
  a("cycles", w.cycles);
  a("fetches", w.fetches);
  a.unless_empty("levels", w.levels);
}
template <class A>
void fields(A& a, Fetch& f) {
  a("stage", f.stage);
  a("level", f.level);
  a("for_stage1_level", f.for_stage1_level);
  a("served_by", f.served_by);
  a("address", f.address);
  a("descriptor", f.descriptor);
  a("cycles", f.cycles);
}
template <class A>
void fields(A& a, ExplainedWalk& w) {
  fields(a, w.key);
  a("va", w.va);
  a("fault", w.fault);
  a("cycles", w.cycles);
  a("fetches", w.fetches);
}
template <class A>
void fields(A& a, Owner& o) {
  a("guest", o.guest);
  a("vmid", o.vmid);
}
template <class A>
void fields(A& a, Evictions& e) {
  a("victim", e.victim);
  a("evictor", e.evictor);
  a("count", e.count);
}
template <class A>
void fields(A& a, TlbStatistics& t) {
  a("name", t.name);
  a("entries", t.entries);
  a("ways", t.ways);
  a("lookups", t.lookups);
  a("hits", t.hits);
  a("misses", t.misses);
  a("insertions", t.insertions);
  a("evictions", t.evictions);
  a("invalidations", t.invalidations);
  a("entries_invalidated", t.entries_invalidated);
  a("evictions_by", t.evictions_by);
}
template <class A>
void fields(A& a, BranchStatistics& b) {
  a("context", b.context);
  a("kind", b.kind);
  a("branches", b.branches);
  a("taken", b.taken);
  a("wrong_direction", b.wrong_direction);
  a("wrong_target", b.wrong_target);
  a("unknown_target", b.unknown_target);
}
template <class A>
void fields(A& a, CacheStatistics& c) {
  a("name", c.name);
  a("size", c.size);
  a("ways", c.ways);
  a("latency", c.latency);
  a("counts", c.counts);
  a("evictions_by", c.evictions_by);
  a("evictions_by_others", c.evictions_by_others);
}
template <class A>
void fields(A& a, Core& c) {
  a("cpu", c.cpu);
  a("model", c.model);
  a("frequency_mhz", c.frequency_mhz);
  a("elapsed", c.elapsed);
  a("origin", c.origin);
  a("accounted", c.accounted);
  a("instructions", c.instructions);
  a("contexts", c.contexts);
  a("traps", c.traps);
  a("walks", c.walks);
  a("recent_walks", c.recent_walks);
  a("longest_walks", c.longest_walks);
  a("tlbs", c.tlbs);
  a("branches", c.branches);
  a("caches", c.caches);
}
template <class A>
void fields(A& a, Interrupt& i) {
  interrupt_key(a, i);
  a("count", i.count);
  a("withdrawn", i.withdrawn);
  a("skewed", i.skewed);
  a("asserted_to_signalled_ps", i.asserted_to_signalled_ps);
  a("asserted_to_ack_ps", i.asserted_to_ack_ps);
  a("ack_to_drop_ps", i.ack_to_drop_ps);
  a("ack_to_deactivate_ps", i.ack_to_deactivate_ps);
}
template <class A>
void fields(A& a, Link& l) {
  a("name", l.name);
  a("transactions", l.transactions);
  a("bytes", l.bytes);
  a("waited_to_enter", l.waited_to_enter);
  a("waited_for_data", l.waited_for_data);
}
template <class A>
void fields(A& a, Dram& d) {
  a("clock_mhz", d.clock_mhz);
  a("elapsed_clocks", d.elapsed_clocks);
  a("bytes_per_clock", d.bytes_per_clock);
  a("reads", d.reads);
  a("writes", d.writes);
  a("bytes", d.bytes);
  a("row_hits", d.row_hits);
  a("row_closed", d.row_closed);
  a("row_conflicts", d.row_conflicts);
  a("read_clocks", d.read_clocks);
  a("queued_clocks", d.queued_clocks);
  a("refresh_clocks", d.refresh_clocks);
  a("bus_clocks", d.bus_clocks);
}
template <class A>
void fields(A& a, SmmuStream& s) {
  stream_key(a, s);
  a("translations", s.translations);
  a("cycles", s.cycles);
  a("reads", s.reads);
  a("writes", s.writes);
  a("fetches_stage1", s.fetches_stage1);
  a("fetches_stage2", s.fetches_stage2);
  a("ste_fetches", s.ste_fetches);
  a("cd_fetches", s.cd_fetches);
  a("prefetches", s.prefetches);
  a("ats_requests", s.ats_requests);
  a("page_requests", s.page_requests);
  a("latency", s.latency);
}
template <class A>
void fields(A& a, SmmuCommand& c) {
  a("name", c.name);
  a("count", c.count);
  a("cycles", c.cycles);
}
template <class A>
void fields(A& a, SmmuWho& w) {
  stream_key(a, w);
}
template <class A>
void fields(A& a, SmmuEvictions& e) {
  a("structure", e.structure);
  a("victim", e.victim);
  a("evictor", e.evictor);
  a("count", e.count);
}
template <class A>
void fields(A& a, Smmu& s) {
  a("frequency_mhz", s.frequency_mhz);
  a("streams", s.streams);
  a("commands", s.commands);
  a("events", s.events);
  a("events_lost", s.events_lost);
  a("events_merged", s.events_merged);
  a("commands_illegal", s.commands_illegal);
  a("sync_wait_cycles", s.sync_wait_cycles);
  a("structures", s.structures);
  a.unless_empty("evictions", s.evictions);
}
template <class A>
void fields(A& a, Pl330Bursts& b) {
  a("count", b.count);
  a("bytes", b.bytes);
  a("cycles", b.cycles);
}
template <class A>
void fields(A& a, Pl330Thread& t) {
  a("name", t.name);
  a("starts", t.starts);
  a("instructions", t.instructions);
  a("fetches", t.fetches);
  a("reads", t.reads);
  a("writes", t.writes);
  a("faults", t.faults);
}
template <class A>
void fields(A& a, Pl330& p) {
  a("frequency_mhz", p.frequency_mhz);
  a("threads", p.threads);
}
template <class A>
void fields(A& a, UnimplementedEncoding& u) {
  a("instruction", u.instruction);
  a("first_pc", u.first_pc);
  a("count", u.count);
}
template <class A>
void fields(A& a, ContractViolation& v) {
  a("kind", v.kind);
  a("what", v.what);
  a("count", v.count);
  a("cpu", v.cpu);
  a("cycle", v.cycle);
  a("pc", v.pc);
  a("stage", v.stage);
  a("address", v.address);
  a("descriptor", v.descriptor);
  a("vmid", v.vmid);
  a("asid", v.asid);
}
template <class A>
void fields(A& a, Ghost& g) {
  a("structure", g.structure);
  a("entries", g.entries);
  a("ways", g.ways);
  a("lookups", g.lookups);
  a("misses", g.misses);
  a("estimated_cycles", g.estimated_cycles);
}
template <class A>
void fields(A& a, config::Parameter& p) {
  a("key", p.key);
  a("value", p.value);
  a("default", p.default_value);
  a("unit", p.unit);
  a("min", p.min);
  a("max", p.max);
  a("choices", p.choices);
  a("provenance", p.provenance);
  a("source", p.source);
  a("set_by", p.set_by);
}
template <class A>
void fields(A& a, RegionSpan& s) {
  a("first_instruction", s.first_instruction);
  a("end_instruction", s.end_instruction);
  a("begin_ps", s.begin_ps);
  a("end_ps", s.end_ps);
}
template <class A>
void fields(A& a, Region& r) {
  a("from", r.from);
  a("until", r.until);
  a("warm_up", r.warm_up);
  a("spans", r.spans);
}
template <class A>
void fields(A& a, Metric& m) {
  a("name", m.name);
  a("mean", m.mean);
  a("half_width", m.half_width);
  a("samples", m.samples);
}
template <class A>
void fields(A& a, Sampling& s) {
  a("period", s.period);
  a("warm", s.warm);
  a("measure", s.measure);
  a("samples", s.samples);
  a("instructions", s.instructions);
  a("idle_cycles", s.idle_cycles);
  a("cycles", s.cycles);
  a("cycles_half_width", s.cycles_half_width);
  a("metrics", s.metrics);
}
template <class A>
void fields(A& a, Report& r) {
  a("run", r.run);
  a("region", r.region);
  a("sampling", r.sampling);
  a("cores", r.cores);
  a("shared_caches", r.shared_caches);
  a("interrupts", r.interrupts);
  a("links", r.links);
  a("dram", r.dram);
  a.unless_empty("smmu", r.smmu);
  a.unless_empty("pl330", r.pl330);
  a("unimplemented_encodings", r.unimplemented);
  a.unless_empty("contract_violations", r.violations);
  a.unless_empty("ghosts", r.ghosts);
  a("configuration", r.configuration);
  a.unless_empty("events", r.events);  // last: json.cpp writes it in one line
}

}  // namespace tw::report
