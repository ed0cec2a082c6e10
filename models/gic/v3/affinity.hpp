// Affinity: how GICv3 names a core (IHI 0069, 2.3.1).
#pragma once

#include "base/types.hpp"

namespace tw::gic::v3 {

struct Affinity {
  u8 aff3 = 0, aff2 = 0, aff1 = 0, aff0 = 0;
  auto operator<=>(const Affinity&) const = default;

  /// As in MPIDR_EL1 and GICD_IROUTERn.
  static constexpr Affinity from_mpidr(u64 value) {
    return {static_cast<u8>(value >> 32), static_cast<u8>(value >> 16), static_cast<u8>(value >> 8),
            static_cast<u8>(value)};
  }
  /// As in GICR_TYPER[63:32].
  constexpr u32 packed() const { return u32{aff3} << 24 | u32{aff2} << 16 | u32{aff1} << 8 | aff0; }
};

}  // namespace tw::gic::v3
