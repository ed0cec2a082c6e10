// One event of a trace, an access most of the time, and who a trace comes from.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/types.hpp"

namespace tw::trace {

enum class Kind : u8 {
  Fetch,
  Read,
  Write,
  TableWrite,  ///< a store to memory that a walk has read as a translation table
  Invalidate,  ///< a TLBI, or a command of an SMMU: nothing is accessed
};
inline constexpr unsigned kKinds = 5;
inline constexpr unsigned kAccessKinds =
    3;  ///< those of version 1; a TableWrite is a Write to whom tables do not matter

/// What an Invalidate names, as TLBI (Arm ARM D8.13) and CMD_TLBI_* (IHI 0070, 4.4) have it; `Last`: of what it names
/// only entries of the last level. From `Streams` on what an SMMU knows of its streams (4.3).
enum class Scope : u8 {
  None,            ///< no Invalidate
  All,             ///< everything of the regime (ALLE1, ALLE2, ALLE3)
  VmidStage1,      ///< stage 1 and combined entries of a VMID (VMALLE1)
  Vmid,            ///< both stages of a VMID (VMALLS12E1)
  Asid,            ///< an ASID of a VMID (ASIDE1)
  Va,              ///< a VA range of an ASID, and what is global in it (VAE1)
  VaLast,          ///< (VALE1)
  VaAllAsids,      ///< (VAAE1)
  VaAllAsidsLast,  ///< (VAALE1)
  Ipa,             ///< stage 2 of an IPA range of a VMID (IPAS2E1)
  IpaLast,         ///< (IPAS2LE1)
  Streams,         ///< STEs and CDs of all streams (CMD_CFGI_ALL)
  StreamRange,  ///< those of `size` streams that begin with a multiple of it, a power of two (CMD_CFGI_STE, STE_RANGE)
  StreamContexts,  ///< the CDs of a stream (CMD_CFGI_CD_ALL)
  StreamContext,   ///< its CD `size` (CMD_CFGI_CD)
};
inline constexpr unsigned kScopes = 15, kScopesOfCores = 11;
constexpr bool names_streams(Scope scope) { return scope >= Scope::Streams; }
constexpr bool names_va(Scope scope) { return scope >= Scope::Va && scope <= Scope::VaAllAsidsLast; }
constexpr bool names_ipa(Scope scope) { return scope == Scope::Ipa || scope == Scope::IpaLast; }
constexpr bool names_asid(Scope scope) { return scope >= Scope::Asid && scope <= Scope::VaLast; }

/// Whose translations: EL1&0, EL2, EL3, EL2&0.
enum class Regime : u8 { El10, El2, El3, El20 };

/// How far an Invalidate reaches.
enum class Reach : u8 {
  Local,      ///< this core's TLBs
  Broadcast,  ///< and those of all others of its domain
  Received,   ///< another's that was broadcast
  Command,    ///< an SMMU's TBUs and TCU, whose command it is
};
inline constexpr unsigned kReaches = 4, kReachesOfCores = 3;

/// How many kinds, scopes and reaches a version of the format has.
struct Vocabulary {
  unsigned kinds = kKinds, scopes = kScopes, reaches = kReaches;
};
/// Of versions 1, 2 ...
inline constexpr Vocabulary kVocabularies[] = {
    {kAccessKinds, 0, 0}, {kKinds, kScopesOfCores, kReachesOfCores}, {kKinds, kScopes, kReaches}};

/// Streams are an SMMU's alone.
constexpr bool go_together(Scope scope, Reach reach) { return !names_streams(scope) || reach == Reach::Command; }

/// Both in one byte, so that a record is 40.
class Target final {
 public:
  constexpr Target() = default;
  constexpr Target(Regime regime, Reach reach)
      : bits_(static_cast<u8>(static_cast<unsigned>(regime) | static_cast<unsigned>(reach) << 4)) {}
  constexpr Regime regime() const { return static_cast<Regime>(bits_ & 0xF); }
  constexpr Reach reach() const { return static_cast<Reach>(bits_ >> 4); }
  bool operator==(const Target&) const = default;

 private:
  u8 bits_ = 0;
};

/// Of an access by a core.
inline constexpr StreamId kNoStream{0xFFFF'FFFF};

/// Of an Invalidate `va` or `ipa`, `size`, `vmid` and `asid` are those that it names, and zero where it names none.
struct Record {
  Va va{};    ///< of a DMA its IOVA
  Ipa ipa{};  ///< equal to `pa` where no stage 2 is in force
  Pa pa{};
  u32 size = 0;  ///< bytes; 0 of an Invalidate by address: whatever page or block holds the address. See Scope
  StreamId stream = kNoStream;
  Vmid vmid{};
  Asid asid{};
  Kind kind = Kind::Read;
  El el = El::El0;  ///< that executes
  Scope scope = Scope::None;
  Target target{};  ///< of an Invalidate
  bool operator==(const Record&) const = default;
};
static_assert(sizeof(Record) == 40);

/// What a trace knows of each access beside its VA. What it does not know is zero in every record.
struct Contents {
  bool ipa = true;
  bool pa = true;
  bool operator==(const Contents&) const = default;
};

/// How the trace was made: "command", "build", "configuration" (a hash), and whatever else is worth keeping.
using Provenance = std::vector<std::pair<std::string, std::string>>;

struct Header {
  Contents contents;
  Provenance provenance;
  bool operator==(const Header&) const = default;
};

}  // namespace tw::trace
