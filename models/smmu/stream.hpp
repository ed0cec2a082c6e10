// A stream's configuration: its STE, its CD, and what follows from them for the walker (IHI 0070, 5.2, 5.4).
#pragma once

#include <array>
#include <optional>

#include "smmu/types.hpp"
#include "vmsa/controls.hpp"
#include "vmsa/tlb/tags.hpp"

namespace tw::smmu {

using SteWords = std::array<u64, 8>;
using CdWords = std::array<u64, 8>;

/// STE.STRW with CR2.E2H and the security state: whose translations these are.
enum class StreamWorld : u8 { El1, El2, El2E2h, El3 };

/// Attributes of a transaction before any translation, overrides applied (IHI 0070, 13.1): a MAIR byte and SH. Masters
/// do not say theirs, so that the defaults of 13.1.3 are what is overridden.
struct Override {
  u8 mair = 0xFF;
  u8 sh = 0;
  bool operator==(const Override&) const = default;
};

/// Resolved once, and kept until an invalidation of configuration: what TBU and TCU look at.
struct Stream {
  StreamKey key;
  enum class Mode : u8 { Abort, Bypass, Translate } mode = Mode::Abort;
  bool stage1 = false, stage2 = false;
  StreamWorld world = StreamWorld::El1;
  vmsa::Regime regime = vmsa::Regime::El10;
  vmsa::Controls controls;
  vmsa::Context context;
  vmsa::ContextWord tag;  ///< the same, of TLB entries
  // What becomes of faults: CD.{R,A,S}, STE.{S2R,S2S}, S1STALLD.
  bool record1 = false, abort1 = true, stall1 = false;
  bool record2 = false, stall2 = false;
  bool merge = false;  ///< STE.MEV: events that are alike may be merged
  bool ppar = false;   ///< STE.PPAR
  bool pan = false;    ///< CD.PAN
  // ATS (STE.EATS as it acts): 0 off, 1 full, 2 split-stage.
  u8 ats = 0;
  // Overrides of incoming attributes (STE.INSTCFG, PRIVCFG, MTCFG, MemAttr, ALLOCCFG, SHCFG, NSCFG): raw fields.
  u8 instruction_config = 0, privilege_config = 0;
  bool memory_type_override = false;
  u8 memory_type = 0, allocation = 0, shareability = 0, security_config = 0;
  Override incoming;    ///< what the four before make of a transaction's attributes
  u8 bypass_bits = 48;  ///< Bypass: larger addresses are an Address size fault
  // Where it was read: for reports and for a prefetch of the next.
  Pa ste{}, cd{};
};

}  // namespace tw::smmu
