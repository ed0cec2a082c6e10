#include "cost/events.hpp"

namespace tw::cost {

CoreEvents::CoreEvents(const EventOptions& options)
    : samples_on_(options.has(EventKind::Samples)),
      sample_cycles_(options.sample_cycles),
      traps_(options.ring(EventKind::Traps)),
      worlds_(options.ring(EventKind::Worlds)),
      idles_(options.ring(EventKind::Idle)),
      walks_(options.ring(EventKind::Walks)),
      samples_(options.ring(EventKind::Samples)),
      phases_({.limit = options.limit, .keep = options.keep}) {}

void CoreEvents::measurement_begins(u64 now, Context context) {
  phase_began_ = now;
  next_sample_ = now;
  walks_so_far_ = 0;
  in_world_ = false;
  runs(context, now);
}

void CoreEvents::measurement_ends(u64 now) {
  end_world(now);
  if (now > phase_began_) phases_.add({phase_began_, now});
}

void CoreEvents::end_world(u64 now) {
  if (!in_world_) return;
  in_world_ = false;
  world_.end = now;
  if (world_.end > world_.begin) worlds_.add(world_);
}

void CoreEvents::runs(Context context, u64 now) {
  if (!has_world(context)) return;
  if (in_world_ && world_.guest == context.guest && world_.vmid == context.vmid) return;
  end_world(now);
  world_ = {.begin = now, .end = now, .guest = context.guest, .vmid = context.vmid};
  in_world_ = true;
}

void CoreEvents::idle(u64 begin, u64 end) {
  IdleEvent* const last = idles_.newest();
  if (last != nullptr && last->end == begin) {
    last->end = end;
  } else {
    idles_.add({begin, end});
  }
}

void CoreEvents::walk(const WalkRecord& record, u64 at) {
  ++walks_so_far_;
  walks_.add({.key = record.key,
              .at = at,
              .cycles = record.cycles,
              .fetches = record.fetches.size(),
              .va = record.va,
              .fault = record.fault});
}

void CoreEvents::sample(Sample sample) {
  sample.walks = walks_so_far_;
  next_sample_ = sample.at + sample_cycles_;
  samples_.add(sample);
}

}  // namespace tw::cost
