// What the software of a study does on CPUs that are not modelled: time passes, and memory holds what was stored.
#pragma once

#include <systemc>

#include "tlm/clock.hpp"
#include "tlm/initiator.hpp"

namespace tw::study {

inline constexpr u64 kPicosecondsPerNanosecond = 1000;

inline u64 now_ps() { return tlm::to_picoseconds(sc_core::sc_time_stamp()); }

/// In a thread.
inline void spend(u64 nanoseconds) {
  if (nanoseconds != 0) sc_core::wait(tlm::picoseconds(nanoseconds * kPicosecondsPerNanosecond));
}

/// A store to coherent memory, whose time is in the software's own.
template <class Value>
void store(tlm::Initiator& bus, Pa at, Value& value) {
  tlm::Attributes attributes;
  attributes.data_only = true;
  bus.transport_block(at, {reinterpret_cast<u8*>(&value), sizeof(value)}, true, attributes);
}

/// A load from coherent memory, likewise.
template <class Value>
Value load(tlm::Initiator& bus, Pa at) {
  tlm::Attributes attributes;
  attributes.data_only = true;
  Value value{};
  bus.transport_block(at, {reinterpret_cast<u8*>(&value), sizeof(value)}, false, attributes);
  return value;
}

}  // namespace tw::study
