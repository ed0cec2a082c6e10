#include "devices/pl011.hpp"

#include "base/bits.hpp"
#include "devices/register_access.hpp"

namespace tw::devices {
namespace {

// Interrupt bits of UARTIMSC, UARTRIS, UARTMIS, UARTICR (DDI 0183, 3.3.10).
constexpr u16 kRingChange = 1 << 0;
constexpr u16 kCtsChange = 1 << 1;
constexpr u16 kDcdChange = 1 << 2;
constexpr u16 kDsrChange = 1 << 3;
constexpr u16 kReceive = 1 << 4;
constexpr u16 kTransmit = 1 << 5;
constexpr u16 kReceiveTimeout = 1 << 6;
constexpr u16 kOverrun = 1 << 10;
constexpr u16 kAllInterrupts = 0x7FF;

// UARTDR[11] and UARTRSR[3].
constexpr u16 kDataOverrun = 1 << 11;
constexpr u8 kStatusOverrun = 1 << 3;

// UARTCR (3.3.8)
constexpr unsigned kEnable = 0, kLoopback = 7, kReceiveEnable = 9, kDtr = 10, kRts = 11, kOut1 = 12, kOut2 = 13;
constexpr u16 kControlReset = 0x300;
constexpr u16 kControlBits = 0xFF87;
// UARTLCR_H (3.3.7)
constexpr unsigned kFifoEnable = 4;
// UARTIFLS (3.3.9)
constexpr u8 kFifoLevelsReset = 0x12;

// UARTFR (3.3.3)
constexpr u64 kCts = 1 << 0, kDsr = 1 << 1, kDcd = 1 << 2, kReceiveEmpty = 1 << 4, kReceiveFull = 1 << 6,
              kTransmitEmpty = 1 << 7, kRing = 1 << 8;

}  // namespace

Pl011::Pl011(CharacterPort& transmit, InterruptOutput interrupt)
    : transmit_(transmit), interrupt_(std::move(interrupt)) {
  reset();
}

void Pl011::reset() {
  fifo_.clear();
  receive_status_ = 0;
  low_power_ = 0;
  integer_divisor_ = 0;
  fractional_divisor_ = 0;
  line_control_ = 0;
  control_ = kControlReset;
  fifo_levels_ = kFifoLevelsReset;
  mask_ = 0;
  raw_ = 0;
  dma_control_ = 0;
  update();
}

std::span<const RegisterRow<Pl011>> Pl011::rows() {
  using A = const MmioAccess&;
  static constexpr RegisterRow<Pl011> kRows[] = {
      {"UARTDR", 0x000, 4, kApbSizes, [](Pl011& u, A a) { return u.read_data(a.debug); },
       [](Pl011& u, A a) { u.write_data(static_cast<u8>(a.value)); }},
      {"UARTRSR/UARTECR", 0x004, 4, kApbSizes, [](Pl011& u, A) { return u64{u.receive_status_}; },
       [](Pl011& u, A) { u.receive_status_ = 0; }},
      {"UARTFR", 0x018, 4, kApbSizes, [](Pl011& u, A) { return u.flags(); }, nullptr},
      {"UARTILPR", 0x020, 4, kApbSizes, [](Pl011& u, A) { return u64{u.low_power_}; },
       [](Pl011& u, A a) { u.low_power_ = static_cast<u8>(a.value); }},
      {"UARTIBRD", 0x024, 4, kApbSizes, [](Pl011& u, A) { return u64{u.integer_divisor_}; },
       [](Pl011& u, A a) { u.integer_divisor_ = static_cast<u16>(a.value); }},
      {"UARTFBRD", 0x028, 4, kApbSizes, [](Pl011& u, A) { return u64{u.fractional_divisor_}; },
       [](Pl011& u, A a) { u.fractional_divisor_ = a.value & 0x3F; }},
      {"UARTLCR_H", 0x02C, 4, kApbSizes, [](Pl011& u, A) { return u64{u.line_control_}; },
       [](Pl011& u, A a) { u.write_line_control(a.value); }},
      {"UARTCR", 0x030, 4, kApbSizes, [](Pl011& u, A) { return u64{u.control_}; },
       [](Pl011& u, A a) { u.write_control(a.value); }},
      {"UARTIFLS", 0x034, 4, kApbSizes, [](Pl011& u, A) { return u64{u.fifo_levels_}; },
       [](Pl011& u, A a) { u.fifo_levels_ = a.value & 0x3F; }},
      {"UARTIMSC", 0x038, 4, kApbSizes, [](Pl011& u, A) { return u64{u.mask_}; },
       [](Pl011& u, A a) {
         u.mask_ = a.value & kAllInterrupts;
         u.update();
       }},
      {"UARTRIS", 0x03C, 4, kApbSizes, [](Pl011& u, A) { return u64{u.raw_}; }, nullptr},
      {"UARTMIS", 0x040, 4, kApbSizes, [](Pl011& u, A) { return u64{u.raw_} & u.mask_; }, nullptr},
      {"UARTICR", 0x044, 4, kApbSizes, nullptr, [](Pl011& u, A a) { u.clear_interrupts(a.value); }},
      {"UARTDMACR", 0x048, 4, kApbSizes, [](Pl011& u, A) { return u64{u.dma_control_}; },
       [](Pl011& u, A a) { u.dma_control_ = a.value & 0x7; }},
      {"UARTPeriphID, UARTPCellID", 0xFE0, 32, kApbSizes, read_identification<Pl011>, nullptr},
  };
  return kRows;
}

MmioResult Pl011::access(const MmioAccess& access) { return access_registers(*this, rows(), access); }

unsigned Pl011::capacity() const { return bit_at(line_control_, kFifoEnable) ? kFifoDepth : 1; }

/// Characters in the FIFO at which UARTRXINTR rises: 1/8, 1/4, 1/2, 3/4, 7/8 full; reserved encodings count as 7/8.
unsigned Pl011::receive_trigger() const {
  constexpr u8 kLevels[8] = {2, 4, 8, 12, 14, 14, 14, 14};
  return bit_at(line_control_, kFifoEnable) ? kLevels[bits<5, 3>(fifo_levels_)] : 1;
}

u64 Pl011::modem_inputs() const {
  if (!bit_at(control_, kLoopback)) return 0;
  // In loopback the modem outputs come back: RTS as CTS, DTR as DSR, Out1 as DCD, Out2 as RI (3.3.8, LBE).
  return (bit_at(control_, kRts) ? kCts : 0) | (bit_at(control_, kDtr) ? kDsr : 0) |
         (bit_at(control_, kOut1) ? kDcd : 0) | (bit_at(control_, kOut2) ? kRing : 0);
}

u64 Pl011::flags() const {
  return modem_inputs() | kTransmitEmpty | (fifo_.empty() ? kReceiveEmpty : 0) |
         (fifo_.size() >= capacity() ? kReceiveFull : 0);
}

u64 Pl011::read_data(bool debug) {
  if (fifo_.empty()) return 0;
  const u16 entry = fifo_.front();
  if (debug) return entry;
  const bool was_full = fifo_.size() >= capacity();
  fifo_.pop_front();
  // UARTRSR shows the framing, parity and break status of the character read last; its overrun bit is sticky (3.3.2).
  receive_status_ = static_cast<u8>((receive_status_ & kStatusOverrun) | (entry >> 8 & 0x7));
  if (fifo_.size() < receive_trigger()) raw_ &= static_cast<u16>(~kReceive);
  if (fifo_.empty()) raw_ &= static_cast<u16>(~kReceiveTimeout);
  update();
  if (was_full && room_ && can_receive()) room_();
  return entry;
}

void Pl011::write_data(u8 character) {
  transmit_.put(character);
  // The character leaves at once, and the interrupt follows the transition of the FIFO to empty (2.8.3 UARTTXINTR).
  raw_ |= kTransmit;
  if (bit_at(control_, kLoopback) && receiver_enabled()) push(character);
  update();
}

bool Pl011::receiver_enabled() const { return bit_at(control_, kEnable) && bit_at(control_, kReceiveEnable); }

bool Pl011::can_receive() const {
  return receiver_enabled() && !bit_at(control_, kLoopback) && fifo_.size() < capacity();
}

void Pl011::receive(u8 character) {
  if (!receiver_enabled() || bit_at(control_, kLoopback)) return;
  push(character);
  update();
}

void Pl011::push(u16 entry) {
  if (fifo_.size() >= capacity()) {
    // The FIFO keeps its contents; the character is lost, and the next one that fits carries the mark (3.3.1, OE).
    receive_status_ |= kStatusOverrun;
    raw_ |= kOverrun;
    return;
  }
  if (receive_status_ & kStatusOverrun) entry |= kDataOverrun;
  fifo_.push_back(entry);
  if (fifo_.size() >= receive_trigger()) raw_ |= kReceive;
  if (bit_at(line_control_, kFifoEnable)) raw_ |= kReceiveTimeout;
}

void Pl011::write_line_control(u64 value) {
  const bool had_room = can_receive();
  // Leaving or entering FIFO mode empties it: with FIFOs off there is one holding register (3.3.7, FEN).
  if (bit_at(value, kFifoEnable) != bit_at(line_control_, kFifoEnable)) {
    fifo_.clear();
    raw_ &= static_cast<u16>(~(kReceive | kReceiveTimeout));
  }
  line_control_ = static_cast<u8>(value);
  update();
  if (!had_room && room_ && can_receive()) room_();
}

void Pl011::write_control(u64 value) {
  const bool had_room = can_receive();
  const u64 modem_before = modem_inputs();
  control_ = value & kControlBits;
  raise_modem_changes(modem_before);
  update();
  if (!had_room && room_ && can_receive()) room_();
}

void Pl011::raise_modem_changes(u64 before) {
  const u64 changed = before ^ modem_inputs();
  raw_ |= static_cast<u16>((changed & kRing ? kRingChange : 0) | (changed & kCts ? kCtsChange : 0) |
                           (changed & kDcd ? kDcdChange : 0) | (changed & kDsr ? kDsrChange : 0));
}

void Pl011::clear_interrupts(u64 value) {
  raw_ &= static_cast<u16>(~value);
  // The timeout has no duration here (README): as long as characters wait, it is over again at once.
  if (bit_at(line_control_, kFifoEnable) && !fifo_.empty()) raw_ |= kReceiveTimeout;
  update();
}

void Pl011::update() {
  const bool level = (raw_ & mask_) != 0;
  if (level == level_) return;
  level_ = level;
  if (interrupt_) interrupt_(level);
}

}  // namespace tw::devices
