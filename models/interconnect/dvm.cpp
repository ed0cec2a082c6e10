#include "interconnect/dvm.hpp"

#include <algorithm>

namespace tw::interconnect {

Dvm::Dvm(const Config& config, unsigned cores)
    : request_(config.dvm_request),
      occupancy_(config.dvm_occupancy),
      snoop_(config.dvm_snoop),
      processing_(config.dvm_processing),
      response_(config.dvm_response),
      cores_(cores) {}

/// With no other core there is nobody to tell, and nothing to wait for.
u64 Dvm::message(unsigned core, u64 now) {
  if (cores_.size() < 2) return now;
  const u64 sent = node_.reserve(now + request_, occupancy_) + occupancy_;
  u64 last = sent;
  for (unsigned other = 0; other < cores_.size(); ++other) {
    if (other == core) continue;
    last = std::max(last, cores_[other].processing.reserve(sent + snoop_, processing_) + processing_);
  }
  return last + response_;
}

u64 Dvm::broadcast(unsigned core, u64 now) {
  ++statistics_.broadcasts;
  Core& sender = cores_[core];
  const u64 complete = message(core, now);
  sender.complete = sender.broadcasts ? std::max(sender.complete, complete) : complete;
  sender.broadcasts = true;
  return complete;
}

u64 Dvm::sync(unsigned core, u64 now) {
  Core& sender = cores_[core];
  if (!sender.broadcasts) return now;
  sender.broadcasts = false;
  const u64 done = std::max({now, sender.complete, message(core, now)});
  ++statistics_.syncs;
  statistics_.sync_cycles += done - now;
  return done;
}

}  // namespace tw::interconnect
