#include <algorithm>

#include "smmu/commands.hpp"
#include "smmu/statistics.hpp"

namespace tw::smmu {

namespace {

constexpr u32 kEnable = 8;                              // SMMU_CR0.CMDQEN
enum Signal : unsigned { kInterrupt = 1, kEvent = 2 };  // CMD_SYNC.CS

}  // namespace

CommandQueue::CommandQueue(const Config& config, State& state, const State& non_secure, MemoryPort& memory,
                           SignalPort& signals, EndpointPort& endpoints, Maintenance& maintenance,
                           Interrupts& interrupts, Stalls& stalls, Statistics& statistics, Security security)
    : config_(config),
      state_(state),
      non_secure_(non_secure),
      memory_(memory),
      signals_(signals),
      endpoints_(endpoints),
      maintenance_(maintenance),
      interrupts_(interrupts),
      stalls_(stalls),
      statistics_(statistics),
      security_(security),
      queue_(state.commands, sizeof(Command), config.command_queue_bits),
      next_tag_(security == Security::Secure ? 1 : 0) {}

void CommandQueue::reset() {
  phase_ = Phase::Idle;
  fetched_count_ = fetched_next_ = 0;
  outstanding_.clear();
  message_arrived_ = 0;
}

/// 4.1.2. An inconsistent pair of indices is a queue from which nothing is consumed.
bool CommandQueue::may_run() const {
  return (state_.cr0 & state_.cr0_ack & kEnable) != 0 && !interrupts_.active(GlobalError::CommandQueue) &&
         !queue_.empty() && queue_.consistent();
}

void CommandQueue::schedule(Phase phase, u64 due) {
  phase_ = phase;
  due_ = due;
  signals_.work_at(due);
}

/// CMDQEN = 0 is acknowledged when the last command is consumed (6.3.9.3).
void CommandQueue::idle() {
  phase_ = Phase::Idle;
  fetched_count_ = fetched_next_ = 0;
  state_.cr0_ack = (state_.cr0_ack & ~kEnable) | (state_.cr0 & kEnable);
}

void CommandQueue::ring(u64 now) {
  if (phase_ == Phase::Fetch && !may_run()) idle();
  if (phase_ != Phase::Idle) return;
  idle();
  if (may_run()) schedule(Phase::Fetch, now + config_.command_fetch);
}

void CommandQueue::work(u64 now) {
  while (phase_ != Phase::Idle && due_ <= now) step();
  if (phase_ != Phase::Idle) signals_.work_at(due_);
}

void CommandQueue::step() {
  switch (phase_) {
    case Phase::Idle:
      return;
    case Phase::Fetch:
      return may_run() ? fetch() : idle();
    case Phase::Finish:
      consume();
      return next(due_);
    case Phase::SyncWait:
      return fail(CommandError::AtcInvalidateSync, due_);
    case Phase::SyncDone:
      return sync_done();
  }
}

void CommandQueue::next(u64 now) {
  if (may_run()) {
    schedule(Phase::Fetch, now);
  } else {
    idle();
  }
}

/// `entries` commands from CMDQ_CONS on.
MemoryReply CommandQueue::read(unsigned entries) {
  std::array<u8, kAtOnce * sizeof(Command)> bytes{};
  const MemoryReply reply =
      memory_.read(queue_.head(), std::span(bytes).first(entries * sizeof(Command)), security_, due_);
  for (unsigned n = 0; n < entries * sizeof(Command); ++n) {
    u64& word = fetched_[n / sizeof(Command)].words[n / 8 % 2];
    word = (n % 8 == 0 ? 0 : word) | u64{bytes[n]} << n % 8 * 8;
  }
  fetched_next_ = 0;
  fetched_count_ = reply.ok ? entries : 0;
  return reply;
}

/// Commands are read as many at once as lie in the same 64 bytes. Where that fails, the first alone, so that an abort
/// is that of the command at CMDQ_CONS (7.1).
void CommandQueue::fetch() {
  began_ = due_;
  u64 now = due_;
  if (fetched_next_ == fetched_count_) {
    const auto in_line = static_cast<unsigned>(kAtOnce - queue_.head().value / sizeof(Command) % kAtOnce);
    const unsigned entries = std::min(in_line, queue_.contiguous());
    MemoryReply reply = read(entries);
    if (!reply.ok && entries > 1) reply = read(1);
    now += reply.cycles;
    if (!reply.ok) return fail(CommandError::Abort, now);
  }
  command_ = fetched_[fetched_next_++];
  now += config_.command_issue;
  const CommandRow* const row = find_command(command_.opcode());
  if (row == nullptr || !legal(*row)) {
    ++statistics_.commands_illegal;
    return fail(CommandError::Illegal, now);
  }
  if (row->run == nullptr) {
    sync_began_ = now;
    sync_ready_ = std::max({now, maintenance_.settled(now), message_arrived_});
    return sync();
  }
  schedule(Phase::Finish, row->run(*this, command_, now));
}

/// CMD_SYNC: done when all is done; at the first timeout it fails.
void CommandQueue::sync() {
  if (outstanding_.empty()) {
    statistics_.syncs_waited += sync_ready_ - sync_began_;
    return schedule(Phase::SyncDone, sync_ready_ + config_.sync);
  }
  const auto first = std::min_element(outstanding_.begin(), outstanding_.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
  schedule(Phase::SyncWait, std::max(sync_began_, first->second));
}

void CommandQueue::atc_invalidated(u32 tag, u64 now) {
  if (outstanding_.erase(tag) == 0 || phase_ != Phase::SyncWait) return;
  sync_ready_ = std::max(sync_ready_, now);
  sync();
}

/// CMDQ_CONS first, the signal after it. The next CMD_SYNC, and no command before that, waits until a message has
/// arrived (4.7.3, 4.8).
void CommandQueue::sync_done() {
  const Command done = command_;
  const u64 now = due_;
  consume();
  if (done.signal() == kInterrupt) message_arrived_ = interrupts_.command_sync(done.message(), now);
  if (done.signal() == kEvent) interrupts_.send_event();
  next(now);
}

/// 4.1.2: who waits for room in a full queue is woken.
void CommandQueue::consume() {
  CommandSummary& summary = statistics_.commands[command_.opcode()];
  ++summary.count;
  summary.cycles += due_ - began_;
  const bool was_full = queue_.full();
  queue_.consume();
  if (was_full) interrupts_.send_event();
}

/// CMDQ_CONS stays at the command; GERROR comes after its reason (7.1). ATC invalidations that have failed a CMD_SYNC
/// do not fail the next.
void CommandQueue::fail(CommandError error, u64 now) {
  if (error == CommandError::AtcInvalidateSync) outstanding_.clear();
  state_.commands.cons = static_cast<u32>(insert_bits(state_.commands.cons, 24, 7, static_cast<u64>(error)));
  interrupts_.raise(GlobalError::CommandQueue, now);
  idle();
}

}  // namespace tw::smmu
