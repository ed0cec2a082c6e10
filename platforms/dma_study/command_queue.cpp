#include "platforms/dma_study/command_queue.hpp"

#include <algorithm>

#include "base/bits.hpp"
#include "platforms/dma_study/smmu_registers.hpp"
#include "platforms/dma_study/software_time.hpp"

namespace tw::study {

namespace {

constexpr u64 kCommandBytes = 16;
constexpr unsigned kRegisterBytes = 4;

}  // namespace

CommandQueue::CommandQueue(const Config& config, const Place& place)
    : config_(config),
      place_(place),
      valid_(size()),
      done_index_(size()),
      done_ps_(size()),
      message_(new sc_core::sc_event[size()]) {}

u64 CommandQueue::base_register() const { return place_.base.value | place_.bits | kReadAllocate; }

Pa CommandQueue::slot(u64 index) const { return place_.base + (index & (size() - 1)) * kCommandBytes; }

void CommandQueue::issue(tlm::Initiator& bus, std::span<const Command> commands, bool sync) {
  const u64 begin = now_ps();
  bool owner = false;
  const u64 count = commands.size() + (sync ? 1 : 0);
  const u64 first = take_room(bus, count, owner);
  write_entries(bus, commands, sync, first);
  if (owner) ring(bus, first);
  if (!sync) return;
  while (published_ < first + count) sc_core::wait(rung_);
  statistics_.doorbell_ps.add(now_ps() - begin);
  await_sync(bus, first + count - 1);
  statistics_.sync_ps.add(now_ps() - begin);
}

/// One CPU at a time has the cache line with the queue's state.
void CommandQueue::get_line() {
  line_free_ps_ = std::max(line_free_ps_, now_ps()) + config_.atomic_ns * kPicosecondsPerNanosecond;
  sc_core::wait(tlm::picoseconds(line_free_ps_ - now_ps()));
}

u64 CommandQueue::take_room(tlm::Initiator& bus, u64 count, bool& owner) {
  get_line();
  while (prod_ + count - cons_ > size()) {
    ++statistics_.full;
    read_cons(bus);
    if (prod_ + count - cons_ > size()) spend(config_.poll_ns);
  }
  const u64 first = prod_;
  prod_ += count;
  owner = !owned_;
  owned_ = true;
  return first;
}

void CommandQueue::write_entries(tlm::Initiator& bus, std::span<const Command> commands, bool sync, u64 first) {
  const u64 count = commands.size() + (sync ? 1 : 0);
  spend(config_.command_ns * count);
  for (u64 n = 0; n < count; ++n) {
    const Pa at = slot(first + n);
    Command command = n < commands.size()         ? commands[n]
                      : config_.sync == "message" ? sync_with_message(at)
                                                  : study::sync();
    store(bus, at, command);
    valid_[(first + n) & (size() - 1)] = first + n + 1;
    ++statistics_.sent[opcode_of(command)];
  }
  filled_.notify();
}

/// For all that have joined until then. Doorbells are rung in the order of the queue.
void CommandQueue::ring(tlm::Initiator& bus, u64 first) {
  while (published_ != first) sc_core::wait(rung_);
  get_line();
  owned_ = false;
  const u64 end = prod_;
  for (u64 index = first; index < end; ++index) {
    while (valid_[index & (size() - 1)] != index + 1) sc_core::wait(filled_);
  }
  bus.transport(place_.registers + kCmdqProd, kRegisterBytes, true, end & low_mask(place_.bits + 1), {});
  published_ = end;
  ++statistics_.doorbells;
  rung_.notify();
}

void CommandQueue::await_sync(tlm::Initiator& bus, u64 index) {
  const u64 at = index & (size() - 1);
  if (config_.sync == "message") {
    while (done_index_[at] != index + 1) sc_core::wait(message_[at]);
    if (done_ps_[at] > now_ps()) sc_core::wait(tlm::picoseconds(done_ps_[at] - now_ps()));
    spend(config_.poll_ns);  // the line comes back from the SMMU
    cons_ = std::max(cons_, index + 1);
    return;
  }
  for (read_cons(bus); cons_ <= index; read_cons(bus)) spend(config_.poll_ns);
}

void CommandQueue::written(Pa at, u64 when) {
  if (at < place_.base || at - place_.base >= size() * kCommandBytes) return;
  const u64 n = (at - place_.base) / kCommandBytes;
  done_index_[n] = valid_[n];
  done_ps_[n] = when;
  message_[n].notify(sc_core::SC_ZERO_TIME);
}

void CommandQueue::read_cons(tlm::Initiator& bus) {
  const tlm::Initiator::Answer answer = bus.transport(place_.registers + kCmdqCons, kRegisterBytes, false, 0, {});
  sc_core::wait(answer.delay);
  const u64 wrap = low_mask(place_.bits + 1);
  const u64 behind = (published_ - answer.value) & wrap;  // it may have been published while the answer came
  cons_ = std::max(cons_, published_ - std::min(published_, behind));
}

}  // namespace tw::study
