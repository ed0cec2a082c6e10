// The members of a report's events with their JSON names, once (fields.hpp).
#pragma once

#include "platforms/report/events.hpp"
#include "platforms/report/fields.hpp"

namespace tw::report {

template <class A>
void fields(A& a, TrapKeyRow& k) {
  trap_key(a, k);
}
template <class A>
void fields(A& a, TrapColumns& t) {
  a("dropped", t.dropped);
  a("key", t.key);
  a("begin", t.begin);
  a("cycles", t.cycles);
  a("away", t.away);
  a("returned", t.returned);
  a("inside", t.inside);
}
template <class A>
void fields(A& a, WorldColumns& w) {
  a("dropped", w.dropped);
  a("begin", w.begin);
  a("cycles", w.cycles);
  a("guest", w.guest);
  a("vmid", w.vmid);
}
template <class A>
void fields(A& a, SpanColumns& s) {
  a("dropped", s.dropped);
  a("begin", s.begin);
  a("cycles", s.cycles);
}
template <class A>
void fields(A& a, WalkColumns& w) {
  a("dropped", w.dropped);
  a("key", w.key);
  a("at", w.at);
  a("cycles", w.cycles);
  a("fetches", w.fetches);
  a("fault", w.fault);
  a("page", w.page);
}
template <class A>
void fields(A& a, SampleColumns& s) {
  a("dropped", s.dropped);
  a("at", s.at);
  a("instructions", s.instructions);
  a("walks", s.walks);
  a("walk_cycles", s.walk_cycles);
  a("idle_cycles", s.idle_cycles);
}
template <class A>
void fields(A& a, CoreEvents& c) {
  a("cpu", c.cpu);
  a("period_ps", c.period_ps);
  a("phases", c.phases);
  a("trap_keys", c.trap_keys);
  a("traps", c.traps);
  a("worlds", c.worlds);
  a("idle", c.idle);
  a("walk_keys", c.walk_keys);
  a("walks", c.walks);
  a("samples", c.samples);
}
template <class A>
void fields(A& a, InterruptSource& i) {
  interrupt_key(a, i);
}
template <class A>
void fields(A& a, InterruptColumns& i) {
  a("dropped", i.dropped);
  a("source", i.source);
  a("asserted_ps", i.asserted_ps);
  a("signalled_ps", i.signalled_ps);
  a("acknowledged_ps", i.acknowledged_ps);
  a("dropped_ps", i.dropped_ps);
  a("deactivated_ps", i.deactivated_ps);
  a("withdrawn_ps", i.withdrawn_ps);
}
template <class A>
void fields(A& a, DmaColumns& d) {
  a("dropped", d.dropped);
  a("source", d.source);
  a("level", d.level);
  a("write", d.write);
  a("begin", d.begin);
  a("cycles", d.cycles);
  a("inside", d.inside);
}
template <class A>
void fields(A& a, Events& e) {
  a("limit", e.limit);
  a("keep", e.keep);
  a("kinds", e.kinds);
  a("cores", e.cores);
  a("interrupt_sources", e.interrupt_sources);
  a("interrupts", e.interrupts);
  a("dma_period_ps", e.dma_period_ps);
  a("dma_levels", e.dma_levels);
  a("dma_sources", e.dma_sources);
  a("dma", e.dma);
}

}  // namespace tw::report
