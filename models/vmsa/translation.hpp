// What goes into a translation and what comes out. Faults are a closed enum, mapped once to syndromes (arm/syndrome).
#pragma once

#include "base/types.hpp"
#include "vmsa/controls.hpp"
#include "vmsa/residence.hpp"

namespace tw::vmsa {

enum class Regime : u8 {
  El10,
  El2,
  El3,
  El20
};  ///< El20: EL2&0, of SMMU streams alone as yet; the cores get it with VHE
/// Two ranges of VA with a table each, ASIDs, and two privileges.
constexpr bool has_two_ranges(Regime regime) { return regime == Regime::El10 || regime == Regime::El20; }

/// What the access is. CacheMaintenance is a data-cache operation by VA (permission as the manual says for it),
/// AddressTranslation an AT instruction: it has no permission side effects and reports a walk's faults to PAR_EL1.
enum class AccessKind : u8 { Fetch, Data, CacheMaintenance, AddressTranslation };

struct Access {
  Va va{};
  AccessKind kind = AccessKind::Data;
  bool read = true;  ///< both for atomics
  bool write = false;
  bool privileged = true;    ///< false at EL0 and for LDTR/STTR
  bool pan = false;          ///< PSTATE.PAN applies: privileged data accesses but maintenance, AT S1E1RP and S1E1WP
  bool stage1_only = false;  ///< AT S1E*: do not apply stage 2 to the result (it still applies to the walk)
  bool aligned = true;       ///< false: a data access that Device memory does not take; Alignment fault in its place in
                             ///< the order of faults (after stage 1's permissions, before stage 2)
  Regime regime = Regime::El10;
  El el = El::El1;  ///< the EL that executes, for statistics
};

enum class FaultType : u8 {
  None,
  AddressSize,
  Translation,
  AccessFlag,
  Permission,
  Alignment,
  ExternalOnWalk,  ///< synchronous external abort on a descriptor fetch
  External,        ///< synchronous external abort on the access itself
  TlbConflict,
  UnsupportedUpdate,  ///< hardware update of a descriptor in memory that takes no atomic access
  UnsupportedAtomic,  ///< exclusive or atomic on a memory type that has none (IMPLEMENTATION DEFINED)
};

struct Fault {
  FaultType type = FaultType::None;
  u8 stage = 1;         ///< the stage whose tables or rules failed
  i8 level = 0;         ///< lookup level, 0..3
  bool s1ptw = false;   ///< stage-2 fault on the fetch of a stage-1 descriptor
  bool write = false;   ///< the WnR that is reported
  bool update = false;  ///< of the hardware update of a stage-1 descriptor
  Va va{};
  Ipa ipa{};        ///< faulting IPA (stage 2): HPFAR_EL2
  Pa descriptor{};  ///< of ExternalOnWalk, UnsupportedUpdate
  explicit operator bool() const { return type != FaultType::None; }
};

enum class MemoryType : u8 { DeviceNGnRnE, DeviceNGnRE, DeviceNGRE, DeviceGRE, Normal };

/// Combined attributes of the access (stage 1 with stage 2). `mair` is the byte that PAR_EL1.ATTR shows.
struct Attributes {
  MemoryType type = MemoryType::DeviceNGnRnE;
  u8 mair = 0;
  u8 shareability = 2;  ///< as in SH: 0 non-shareable, 2 outer, 3 inner
  bool inner_cacheable : 1 = false;
  bool outer_cacheable : 1 = false;
  bool is_device() const { return type != MemoryType::Normal; }
};

/// The result. On success `pa` is valid for the whole page of `1 << page_bits` bytes around it (the smaller of the two
/// stages' blocks), and `readable`/`writable`/`executable` say what this privilege may do in it without a new
/// translation: a host-side shortcut may rely on them until the next invalidation or context change.
struct Translation {
  Fault fault;
  Pa pa{};
  Ipa ipa{};
  u8 page_bits = 12;
  u8 block_bits = 12;   ///< of the stage-1 page or block alone: a TLBI by VA anywhere in it takes this translation
  bool secure = false;  ///< NS attribute of the output address
  bool readable = false, writable = false, executable = false;
  Attributes attributes;
  /// Timed: of the first-level TLB entry that the next access of this kind to the page will hit, in this context. Where
  /// no TLB is needed (both stages off), a handle that is always valid and counts nothing. Null: each access has to
  /// ask.
  ResidenceHandle residence;
  bool ok() const { return fault.type == FaultType::None; }
  Security security() const { return secure ? Security::Secure : Security::NonSecure; }
};

/// A TLB invalidation, decoded from a TLBI (or an SMMU command, or a DVM message). Fields that the scope does not use
/// are ignored.
enum class InvalidateScope : u8 {
  All,            ///< ALLE1, ALLE2, ALLE3
  VmidStage1,     ///< VMALLE1: stage 1 (and combined) of the VMID
  VmidAll,        ///< VMALLS12E1
  AsidAll,        ///< ASIDE1
  VaAsid,         ///< VAE1, VAE2, VAE3: VA, and ASID unless global; last level and walk caches
  VaLastAsid,     ///< VALE*: last level only
  VaAllAsid,      ///< VAAE1
  VaLastAllAsid,  ///< VAALE1
  Ipa,            ///< IPAS2E1
  IpaLast,        ///< IPAS2LE1
};

struct Invalidate {
  InvalidateScope scope = InvalidateScope::All;
  Regime regime = Regime::El10;
  bool secure = false;
  bool stage2_in_use = false;  ///< EL1&0 regime: the VMID takes part in matching (EL2 enabled)
  Vmid vmid{};
  Asid asid{};
  Va va{};
  Ipa ipa{};
  u64 bytes = 0;           ///< by VA or IPA: all of [va, va + bytes); 0: whatever maps `va`
  u16 vmid_mask = 0xFFFF;  ///< the bits of the VMID that count (SMMU_CR0.VMW)
  bool broadcast = false;  ///< inner shareable: all cores of the domain
};

}  // namespace tw::vmsa
