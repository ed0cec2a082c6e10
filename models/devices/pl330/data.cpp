// The instructions that set up and move data (DDI 0424, 4.3), and what they need of the MFIFO.
#include "devices/pl330/pl330.hpp"

namespace tw::devices::pl330 {

namespace {

enum MoveTo : u8 { kSource = 0, kControl = 1, kDestination = 2 };

bool same_lane(u32 a, u32 b, u32 bus_bytes) { return a % bus_bytes == b % bus_bytes; }

/// Whether data behind the change do not continue those before it (Cyclone V HPS TRM, "Updating Channel Control
/// Registers During a DMA Cycle").
bool is_discontinuity(const BurstControl& before, const BurstControl& after) {
  return before.increment != after.increment || (!after.increment && before.beat_bytes != after.beat_bytes);
}

}  // namespace

/// The S and B forms are for one kind of request; for the other they are DMANOP.
bool Pl330::applies(const Channel& channel, const Instruction& instruction) {
  return !instruction.flag(0) || instruction.flag(1) == channel.burst_request;
}

Pl330::Outcome Pl330::barrier(unsigned n, unsigned outstanding) {
  release_lock(n);
  if (outstanding == 0) return Outcome::Next;
  threads_[n].state = ThreadState::AtBarrier;
  return Outcome::Stall;
}

Pl330::Outcome Pl330::drain(unsigned n, bool writes_too) {
  const Channel& channel = channels_[n];
  return barrier(n, channel.reads + (writes_too ? channel.writes : 0));
}

Pl330::Outcome Pl330::move(unsigned n, const Instruction& instruction) {
  switch (bits<2, 0>(instruction.code[1])) {
    case kSource:
      return set_source(n, instruction.word());
    case kControl:
      return set_control(n, instruction.word());
    case kDestination:
      return set_destination(n, instruction.word());
    default:
      return abort(n, fault::kOperand);
  }
}

Pl330::Outcome Pl330::set_source(unsigned n, u32 address) {
  Channel& channel = channels_[n];
  if (!same_lane(channel.source, address, bus_bytes())) {
    if (const Outcome outcome = drain(n, false); outcome != Outcome::Next) return outcome;
  }
  channel.source = address;
  return Outcome::Next;
}

Pl330::Outcome Pl330::set_destination(unsigned n, u32 address) {
  Channel& channel = channels_[n];
  if (!same_lane(channel.destination, address, bus_bytes())) {
    if (const Outcome outcome = drain(n, true); outcome != Outcome::Next) return outcome;
    channel.stream.clear();
  }
  channel.destination = address;
  return Outcome::Next;
}

Pl330::Outcome Pl330::set_control(unsigned n, u32 word) {
  Channel& channel = channels_[n];
  const ChannelControl after{static_cast<u32>(bits<30, 0>(word))};
  const BurstControl source = after.source(), destination = after.destination();
  if (source.beat_bytes > bus_bytes() || destination.beat_bytes > bus_bytes()) return abort(n, fault::kOperand);
  if (threads_[n].non_secure && (!source.non_secure || !destination.non_secure)) {
    return abort(n, fault::kSecureTransfer);
  }
  const bool source_breaks = is_discontinuity(channel.control.source(), source);
  const bool destination_breaks = is_discontinuity(channel.control.destination(), destination) ||
                                  channel.control.swap_bytes() != after.swap_bytes();
  if (source_breaks || destination_breaks) {
    if (const Outcome outcome = drain(n, destination_breaks); outcome != Outcome::Next) return outcome;
    if (destination_breaks) channel.stream.clear();
  }
  channel.control = after;
  return Outcome::Next;
}

u32 Pl330::entries_used() const {
  u32 used = 0;
  for (const Channel& channel : channels_) used += channel.stream.entries();
  return used;
}

/// Goes into the read queue with its entries of the MFIFO reserved; the load-lock keeps others from reserving between
/// a channel's load and its store (UG585, "Resource Sharing Between DMA Channels").
Pl330::Outcome Pl330::load(unsigned n, const Instruction& instruction, std::optional<unsigned> peripheral) {
  Channel& channel = channels_[n];
  const bool conditional = instruction.flag(0);
  if (!applies(channel, instruction)) return Outcome::Next;
  BurstControl burst = channel.control.source();
  if (conditional && !channel.burst_request) burst.beats = 1;
  const u32 bytes = burst.bytes(channel.source);
  channel.stream.aim(channel.control.destination(), channel.destination, bus_bytes());
  const u32 used_here = channel.stream.entries(), needed = channel.stream.entries(bytes);
  if (used_here == 0 && needed > config_.mfifo_depth) return abort(n, fault::kMfifo);
  if (read_queue_.size() >= config_.read_queue) return Outcome::Stall;
  if ((lock_ && *lock_ != n) || entries_used() - used_here + needed > config_.mfifo_depth) {
    threads_[n].waits_to_load = true;
    return Outcome::Stall;
  }
  lock_ = n;
  read_queue_.push_back({.channel = n,
                         .burst = burst,
                         .address = channel.source,
                         .bytes = bytes,
                         .position = channel.stream.reserve(bytes),
                         .acknowledge = peripheral,
                         .acknowledge_burst = channel.burst_request});
  ++channel.reads;
  channel.source = burst.next(channel.source);
  return Outcome::Next;
}

Pl330::Outcome Pl330::store(unsigned n, const Instruction& instruction, std::optional<unsigned> peripheral) {
  Channel& channel = channels_[n];
  const bool conditional = instruction.flag(0);
  if (!applies(channel, instruction)) return Outcome::Next;
  BurstControl burst = channel.control.destination();
  if (conditional && !channel.burst_request) burst.beats = 1;
  const u32 bytes = burst.bytes(channel.destination);
  Stream alone(0);
  alone.aim(burst, channel.destination, bus_bytes());
  if (alone.entries(bytes) > config_.mfifo_depth) return abort(n, fault::kMfifo);
  if (channel.stream.available() < bytes) return abort(n, fault::kDataUnavailable);
  if (write_queue_.size() >= config_.write_queue) return Outcome::Stall;
  release_lock(n);
  write_queue_.push_back({.channel = n,
                          .burst = burst,
                          .address = channel.destination,
                          .bytes = bytes,
                          .position = channel.stream.take(bytes),
                          .swap_bytes = channel.control.swap_bytes(),
                          .acknowledge = peripheral,
                          .acknowledge_burst = channel.burst_request});
  ++channel.writes;
  channel.destination = burst.next(channel.destination);
  return Outcome::Next;
}

Pl330::Outcome Pl330::store_zeroes(unsigned n) {
  Channel& channel = channels_[n];
  if (write_queue_.size() >= config_.write_queue) return Outcome::Stall;
  release_lock(n);
  const BurstControl burst = channel.control.destination();
  write_queue_.push_back({.channel = n,
                          .burst = burst,
                          .address = channel.destination,
                          .bytes = burst.bytes(channel.destination),
                          .zeroes = true});
  ++channel.writes;
  channel.destination = burst.next(channel.destination);
  return Outcome::Next;
}

}  // namespace tw::devices::pl330
