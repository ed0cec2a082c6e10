#include "smmu/interrupts.hpp"

#include <array>

#include "base/bits.hpp"
#include "smmu/identification.hpp"

namespace tw::smmu {

namespace {

constexpr u32 kErrorEnable = 1, kPageEnable = 2, kEventEnable = 4;  // SMMU_IRQ_CTRL

}  // namespace

bool Interrupts::active(GlobalError error) const {
  return bit_at(state_.gerror ^ state_.gerrorn, static_cast<unsigned>(error));
}

/// 7.5.1: all but the abort of its own message.
void Interrupts::raise(GlobalError error, u64 now) {
  if (active(error)) return;
  state_.gerror ^= u32{1} << static_cast<unsigned>(error);
  if (error == GlobalError::ErrorMessageAbort || (state_.irq_ctrl_ack & kErrorEnable) == 0) return;
  fire({Wire::GlobalError, GlobalError::ErrorMessageAbort}, state_.gerror_message, now);
}

void Interrupts::event_queue(u64 now) {
  if ((state_.irq_ctrl_ack & kEventEnable) == 0) return;
  fire({Wire::EventQueue, GlobalError::EventMessageAbort}, state_.event_message, now);
}

void Interrupts::page_queue(u64 now) {
  if ((state_.irq_ctrl_ack & kPageEnable) == 0) return;
  fire({Wire::PriQueue, GlobalError::PageMessageAbort}, state_.page_message, now);
}

u64 Interrupts::command_sync(const MessageState& message, u64 now) {
  return fire({Wire::CommandSync, GlobalError::CommandMessageAbort}, message, now);
}

void Interrupts::send_event() {
  if (config_.sev) signals_.send_event();
}

/// The zero that means "no message" is that of the whole field; the address is then cut to the OAS (4.7.3, 3.4.3).
u64 Interrupts::fire(const Source& source, const MessageState& message, u64 now) {
  signals_.pulse(source.wire, security_);
  const u64 address = message.address & kMessageAddress;
  if (!config_.msi || address == 0) return now;
  std::array<u8, 4> bytes;
  for (unsigned n = 0; n < bytes.size(); ++n) bytes[n] = static_cast<u8>(message.data >> 8 * n);
  const MemoryReply reply = memory_.write(Pa{address & low_mask(output_bits(config_))}, bytes, security_, now);
  if (!reply.ok) raise(source.abort, now + reply.cycles);
  return now + reply.cycles;
}

}  // namespace tw::smmu
