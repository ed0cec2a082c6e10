// Aborts, DMAKILL and the watchdog (DDI 0424, "Aborts"; 4.3).
#include <algorithm>

#include "devices/pl330/pl330.hpp"

namespace tw::devices::pl330 {

bool Pl330::is_faulting(const Thread& thread) {
  return thread.state == ThreadState::Faulting || thread.state == ThreadState::FaultingCompleting;
}

/// What the thread would still have done is forgotten; transactions on the bus run to their ends.
void Pl330::forget_work(unsigned n) {
  fetched_[n] = {};
  cache_.invalidate(n);
  threads_[n].waits_to_load = false;
  if (n >= channels_.size()) return;
  const auto of_channel = [n](const QueueEntry& entry) { return entry.channel == n; };
  std::erase_if(read_queue_, of_channel);
  std::erase_if(write_queue_, of_channel);
  release_lock(n);
  Channel& channel = channels_[n];
  channel.stream.clear();
  channel.reads = channel.writes = 0;
}

/// The thread's pc stays at the instruction: that of a precise abort caused it.
Pl330::Outcome Pl330::abort(unsigned n, u32 bits) {
  Thread& thread = threads_[n];
  forget_work(n);
  ++statistics_[n].faults;
  thread.fault = bits | (debugging_ ? fault::kDebug : 0);
  const bool completes = n != kManager && channels_[n].transactions != 0;
  thread.state = completes ? ThreadState::FaultingCompleting : ThreadState::Faulting;
  changed();
  return Outcome::Stopped;
}

void Pl330::kill(unsigned n) {
  Thread& thread = threads_[n];
  if (thread.state == ThreadState::Stopped) return;
  forget_work(n);
  thread.fault = 0;
  thread.state = n == kManager ? ThreadState::Stopped : ThreadState::Killing;
  if (n != kManager) settle(n);
  changed();
}

/// Once the last transaction is over.
void Pl330::settle(unsigned n) {
  Thread& thread = threads_[n];
  if (channels_[n].transactions != 0) return;
  if (thread.state == ThreadState::Killing) thread.state = ThreadState::Stopped;
  if (thread.state == ThreadState::FaultingCompleting) thread.state = ThreadState::Faulting;
}

void Pl330::release_lock(unsigned n) {
  if (lock_ == n) {
    lock_.reset();
    changed();
  }
}

/// All channels that run wait for the MFIFO or for the load-lock, and nothing is under way that could end that. A
/// channel that waits for an event or a peripheral may go on and make room.
bool Pl330::locked_up() const {
  if (!read_queue_.empty() || !write_queue_.empty()) return false;
  bool somebody = false;
  for (unsigned n = 0; n < channels_.size(); ++n) {
    const Thread& thread = threads_[n];
    if (thread.state == ThreadState::Stopped || thread.state == ThreadState::Faulting) continue;
    if (channels_[n].transactions != 0 || !thread.waits_to_load || thread.stalled_at != changes_) return false;
    somebody = true;
  }
  return somebody;
}

void Pl330::watch() {
  if (!locked_up()) {
    locked_up_since_.reset();
    lock_up_told_ = lock_up_interrupt_ = false;
    return;
  }
  if (!locked_up_since_) locked_up_since_ = now_;
  if (lock_up_told_ || now_ < *locked_up_since_ + config_.watchdog) return;
  lock_up_told_ = true;
  if (watchdog_interrupt_only_) {
    lock_up_interrupt_ = true;
    return;
  }
  for (unsigned n = 0; n < channels_.size(); ++n) {
    if (threads_[n].waits_to_load) abort(n, fault::kLockUp);
  }
}

}  // namespace tw::devices::pl330
