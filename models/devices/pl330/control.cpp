// The instructions that move no data (DDI 0424, 4.3).
#include "devices/pl330/pl330.hpp"

namespace tw::devices::pl330 {

Pl330::Outcome Pl330::execute(unsigned n, const Instruction& instruction) {
  const auto with_peripheral = [&](Outcome (Pl330::*transfer)(unsigned, const Instruction&, std::optional<unsigned>)) {
    const Outcome allowed = check_peripheral(n, instruction.number());
    return allowed == Outcome::Next ? (this->*transfer)(n, instruction, instruction.number()) : allowed;
  };
  switch (instruction.row->opcode) {
    case Opcode::AddHalfword:
    case Opcode::AddNegativeHalfword: {
      const Channel& channel = channels_[n];
      const bool negative = instruction.row->opcode == Opcode::AddNegativeHalfword;
      const u32 addend = (negative ? 0xFFFF'0000u : 0) | instruction.halfword();
      return instruction.flag(1) ? set_destination(n, channel.destination + addend)
                                 : set_source(n, channel.source + addend);
    }
    case Opcode::End:
      return end(n);
    case Opcode::FlushPeripheral:
      return flush_peripheral(n, instruction);
    case Opcode::Go:
      return go(instruction);
    case Opcode::Load:
      return load(n, instruction, {});
    case Opcode::LoadPeripheral:
      return with_peripheral(&Pl330::load);
    case Opcode::Loop:
      channels_[n].loops[instruction.flag(1)] = instruction.code[1];
      return Outcome::Next;
    case Opcode::LoopEnd:
      return loop_end(n, instruction);
    case Opcode::Kill:
      kill(n);
      return Outcome::Stopped;
    case Opcode::Move:
      return move(n, instruction);
    case Opcode::Nop:
      return Outcome::Next;
    case Opcode::ReadBarrier:
      return barrier(n, channels_[n].reads);
    case Opcode::SendEvent:
      return send_event(n, instruction.number());
    case Opcode::Store:
      return store(n, instruction, {});
    case Opcode::StorePeripheral:
      return with_peripheral(&Pl330::store);
    case Opcode::StoreZero:
      return store_zeroes(n);
    case Opcode::WaitForEvent:
      return wait_for_event(n, instruction);
    case Opcode::WaitForPeripheral:
      return wait_for_peripheral(n, instruction);
    case Opcode::WriteBarrier:
      return barrier(n, channels_[n].writes);
  }
  return Outcome::Next;
}

/// Of the manager. A channel that is not Stopped is left alone. CCR starts at its reset value, so that a Non-secure
/// channel does not inherit a Secure one's.
Pl330::Outcome Pl330::go(const Instruction& instruction) {
  const auto n = static_cast<unsigned>(bits<2, 0>(instruction.code[1]));
  const bool non_secure = instruction.flag(1);
  if (n >= channels_.size()) return abort(kManager, fault::kOperand);
  if (threads_[kManager].non_secure && !non_secure) return abort(kManager, fault::kGo);
  Thread& thread = threads_[n];
  if (thread.state != ThreadState::Stopped) return Outcome::Next;
  forget_work(n);
  thread = {};
  thread.state = ThreadState::Executing;
  thread.non_secure = non_secure;
  thread.pc = instruction.word();
  Channel& channel = channels_[n];
  channel.control = {};
  channel.burst_request = channel.last_request = false;
  ++statistics_[n].starts;
  return Outcome::Next;
}

Pl330::Outcome Pl330::end(unsigned n) {
  Thread& thread = threads_[n];
  if (n != kManager) {
    release_lock(n);
    const Channel& channel = channels_[n];
    if (channel.reads != 0 || channel.writes != 0) {
      thread.state = ThreadState::Completing;
      return Outcome::Stall;
    }
  }
  thread.state = ThreadState::Stopped;
  forget_work(n);
  return Outcome::Stopped;
}

/// DMALPEND, and DMALPFE's when nf is clear. The bit bs says which request it is for, if x is set.
Pl330::Outcome Pl330::loop_end(unsigned n, const Instruction& instruction) {
  Channel& channel = channels_[n];
  if (!applies(channel, instruction)) return Outcome::Next;
  if (instruction.flag(4)) {
    u8& counter = channel.loops[instruction.flag(2)];
    if (counter == 0) return Outcome::Next;
    --counter;
  } else if (channel.last_request) {
    return Outcome::Next;
  }
  threads_[n].pc -= instruction.code[1];
  return Outcome::Jumped;
}

Pl330::Outcome Pl330::check_event(unsigned n, unsigned event) {
  if (event >= config_.events) return abort(n, fault::kOperand);
  if (threads_[n].non_secure && !bit_at(config_.events_nonsecure, event)) return abort(n, fault::kEvent);
  return Outcome::Next;
}

Pl330::Outcome Pl330::check_peripheral(unsigned n, unsigned peripheral) {
  if (peripheral >= peripherals_.size()) return abort(n, fault::kOperand);
  if (threads_[n].non_secure && !bit_at(config_.peripherals_nonsecure, peripheral)) {
    return abort(n, fault::kPeripheral);
  }
  return Outcome::Next;
}

/// All threads that wait for the event go on; it stays if there is none.
Pl330::Outcome Pl330::send_event(unsigned n, unsigned event) {
  if (const Outcome allowed = check_event(n, event); allowed != Outcome::Next) return allowed;
  if (bit_at(interrupt_enable_, event)) {
    interrupts_ |= 1u << event;
    return Outcome::Next;
  }
  bool somebody = false;
  for (unsigned other = 0; other < kMostThreads; ++other) {
    const Thread& thread = threads_[other];
    if (thread.state != ThreadState::WaitingForEvent || thread.waiting_for != event) continue;
    resume(other);
    somebody = true;
  }
  if (!somebody) events_ |= 1u << event;
  return Outcome::Next;
}

/// With `invalid` the thread fetches what follows anew. A resource that is an interrupt signals no events.
Pl330::Outcome Pl330::wait_for_event(unsigned n, const Instruction& instruction) {
  const unsigned event = instruction.number();
  if (const Outcome allowed = check_event(n, event); allowed != Outcome::Next) return allowed;
  if (n != kManager) release_lock(n);
  if (bit<1>(instruction.code[1])) cache_.invalidate(n);
  if (bit_at(events_ & ~interrupt_enable_, event)) {
    events_ &= ~(1u << event);
    return Outcome::Next;
  }
  threads_[n].waiting_for = event;
  threads_[n].state = ThreadState::WaitingForEvent;
  return Outcome::Waits;
}

Pl330::Outcome Pl330::wait_for_peripheral(unsigned n, const Instruction& instruction) {
  const unsigned peripheral = instruction.number();
  if (const Outcome allowed = check_peripheral(n, peripheral); allowed != Outcome::Next) return allowed;
  release_lock(n);
  Channel& channel = channels_[n];
  channel.waited_burst = instruction.flag(1);
  channel.waited_peripheral = instruction.flag(0);
  if (see_request(channel, peripheral)) return Outcome::Next;
  threads_[n].waiting_for = peripheral;
  threads_[n].state = ThreadState::WaitingForPeripheral;
  return Outcome::Waits;
}

/// Looks at the peripheral's oldest request (DDI 0424, "Peripheral request interface"). `single` goes on at any, and
/// leaves a burst to be seen again; `burst` drops single ones; `periph` takes either, and whether it is the last.
bool Pl330::see_request(Channel& channel, unsigned peripheral) {
  std::deque<PeripheralRequest>& requests = peripherals_[peripheral].requests;
  while (!requests.empty()) {
    const PeripheralRequest request = requests.front();
    if (channel.waited_peripheral) {
      requests.pop_front();
      channel.burst_request = request.burst;
      channel.last_request = request.last;
      return true;
    }
    if (!channel.waited_burst) {
      if (!request.burst) requests.pop_front();
      channel.burst_request = false;
      return true;
    }
    requests.pop_front();
    if (request.burst) {
      channel.burst_request = true;
      return true;
    }
  }
  return false;
}

Pl330::Outcome Pl330::flush_peripheral(unsigned n, const Instruction& instruction) {
  const unsigned peripheral = instruction.number();
  if (const Outcome allowed = check_peripheral(n, peripheral); allowed != Outcome::Next) return allowed;
  peripherals_[peripheral].requests.clear();
  if (wires_.flush) wires_.flush(peripheral);
  return Outcome::Next;
}

bool Pl330::request(unsigned peripheral, PeripheralRequest request) {
  advance();
  std::deque<PeripheralRequest>& requests = peripherals_.at(peripheral).requests;
  if (requests.size() >= Peripheral::kDepth) return false;
  requests.push_back(request);
  for (unsigned n = 0; n < channels_.size(); ++n) {
    const Thread& thread = threads_[n];
    if (thread.state != ThreadState::WaitingForPeripheral || thread.waiting_for != peripheral) continue;
    if (see_request(channels_[n], peripheral)) resume(n);
  }
  return true;
}

}  // namespace tw::devices::pl330
