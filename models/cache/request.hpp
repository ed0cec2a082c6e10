// What is asked of the caches, and by whom.
#pragma once

#include <compare>

#include "base/types.hpp"

namespace tw::cache {

enum class Kind : u8 {
  Load,
  Store,          ///< also the write half of an atomic, STXR
  Fetch,          ///< of instructions
  Walk,           ///< a descriptor is read
  WalkUpdate,     ///< hardware writes the access flag or dirty state
  Prefetch,       ///< PRFM PLD: nobody waits
  PrefetchStore,  ///< PRFM PST: the line comes with the right to write it
  Zero,           ///< DC ZVA: the whole line is written, its old data are not read
};
inline constexpr unsigned kKindCount = 8;

/// On whose behalf: a guest (stage 2 in force) by its VMID, or the rest.
struct Owner {
  bool guest = false;
  Vmid vmid{};
  auto operator<=>(const Owner&) const = default;
};

struct Request {
  Pa pa{};
  u64 now = 0;     ///< core clock cycles since the platform's start; requests need not come in its order
  u64 stream = 0;  ///< PC of the instruction, for stride prefetchers
  Owner owner{};
  u8 size = 8;  ///< bytes; may cross into the next line
  Kind kind = Kind::Load;
  Security security = Security::NonSecure;
  bool cacheable = true;
};

enum class LevelId : u8 { L1i, L1d, L2, L3, System };
inline constexpr unsigned kLevelCount = 5;

/// MESI. In levels that cores share, and in L1I: Shared is clean, Modified dirty.
enum class State : u8 { Invalid, Shared, Exclusive, Modified };

/// Why a line left a cache.
enum class Departure : u8 {
  Capacity,          ///< another line took its place
  Snoop,             ///< another core or a DMA master writes the line
  BackInvalidation,  ///< an inclusive level or the directory had no more room for it
  Maintenance,
};

}  // namespace tw::cache
