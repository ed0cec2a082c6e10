#include "devices/pl061.hpp"

#include "devices/register_access.hpp"

namespace tw::devices {

Pl061::Pl061(InterruptOutput interrupt, PinOutput output)
    : interrupt_(std::move(interrupt)), output_(std::move(output)) {
  reset();
}

void Pl061::reset() {
  driven_ = direction_ = sense_ = both_edges_ = event_ = enable_ = edges_ = alternate_ = 0;
  drive();
}

/// A level interrupt is there as long as the level is; only an edge is remembered (DDI 0190, 3.3.9).
u8 Pl061::raw() const {
  const auto at_level = static_cast<u8>(~(pins() ^ event_) & ~direction_);
  return static_cast<u8>((edges_ & ~sense_) | (at_level & sense_));
}

/// Edges on the input pins: both, or those to the level that GPIOIEV names.
void Pl061::changed(u8 before) {
  const auto moved = static_cast<u8>((before ^ pins()) & ~direction_ & ~sense_);
  edges_ |= static_cast<u8>(moved & (both_edges_ | ~(pins() ^ event_)));
}

void Pl061::drive() {
  const auto outside = static_cast<u8>(driven_ & direction_);
  const auto moved = static_cast<u8>(outside ^ outside_);
  outside_ = outside;
  for (unsigned pin = 0; output_ && pin < kPins; ++pin) {
    if (bit_at(moved, pin)) output_(pin, bit_at(outside, pin));
  }
  const bool level = (raw() & enable_) != 0;
  if (level == level_) return;
  level_ = level;
  if (interrupt_) interrupt_(level);
}

void Pl061::set_input(unsigned pin, bool level) {
  if (pin >= kPins) return;
  const u8 before = pins();
  inputs_ = static_cast<u8>(insert_bits(inputs_, pin, 1, level));
  changed(before);
  drive();
}

std::span<const RegisterRow<Pl061>> Pl061::rows() {
  using A = const MmioAccess&;
  static constexpr RegisterRow<Pl061> kRows[] = {
      // Address bits [9:2] say which bits a read shows and a write changes (DDI 0190, 3.3.1).
      {"GPIODATA", 0x000, 0x400, kApbSizes, [](Pl061& g, A a) { return g.pins() & bit_field(a.offset, 2, 8); },
       [](Pl061& g, A a) {
         const u64 mask = bit_field(a.offset, 2, 8) & g.direction_;
         g.driven_ = static_cast<u8>((g.driven_ & ~mask) | (a.value & mask));
       }},
      {"GPIODIR", 0x400, 4, kApbSizes, [](Pl061& g, A) { return u64{g.direction_}; },
       [](Pl061& g, A a) { g.direction_ = static_cast<u8>(a.value); }},
      {"GPIOIS", 0x404, 4, kApbSizes, [](Pl061& g, A) { return u64{g.sense_}; },
       [](Pl061& g, A a) { g.sense_ = static_cast<u8>(a.value); }},
      {"GPIOIBE", 0x408, 4, kApbSizes, [](Pl061& g, A) { return u64{g.both_edges_}; },
       [](Pl061& g, A a) { g.both_edges_ = static_cast<u8>(a.value); }},
      {"GPIOIEV", 0x40C, 4, kApbSizes, [](Pl061& g, A) { return u64{g.event_}; },
       [](Pl061& g, A a) { g.event_ = static_cast<u8>(a.value); }},
      {"GPIOIE", 0x410, 4, kApbSizes, [](Pl061& g, A) { return u64{g.enable_}; },
       [](Pl061& g, A a) { g.enable_ = static_cast<u8>(a.value); }},
      {"GPIORIS", 0x414, 4, kApbSizes, [](Pl061& g, A) { return u64{g.raw()}; }, nullptr},
      {"GPIOMIS", 0x418, 4, kApbSizes, [](Pl061& g, A) { return u64{g.raw()} & g.enable_; }, nullptr},
      {"GPIOIC", 0x41C, 4, kApbSizes, nullptr, [](Pl061& g, A a) { g.edges_ &= static_cast<u8>(~a.value); }},
      {"GPIOAFSEL", 0x420, 4, kApbSizes, [](Pl061& g, A) { return u64{g.alternate_}; },
       [](Pl061& g, A a) { g.alternate_ = static_cast<u8>(a.value); }},
      {"GPIOPeriphID, GPIOPCellID", 0xFE0, 32, kApbSizes, read_identification<Pl061>, nullptr},
  };
  return kRows;
}

MmioResult Pl061::access(const MmioAccess& access) {
  const MmioResult result = access_registers(*this, rows(), access);
  if (access.write) drive();
  return result;
}

}  // namespace tw::devices
