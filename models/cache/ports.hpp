// What the caches need from the platform: memory behind them, and who may look on.
#pragma once

#include "cache/request.hpp"

namespace tw::cache {

inline constexpr unsigned kNoCore = ~0u;

/// A whole line on its way from or to memory.
struct LineTransfer {
  Pa pa{};
  u64 now = 0;  ///< when it leaves the hierarchy, core clock cycles
  u64 bytes = 64;
  unsigned core = kNoCore;  ///< whose miss it is; kNoCore: a DMA master's
  Owner owner{};
  Security security = Security::NonSecure;
  bool fetch = false;
  bool prefetch = false;
};

class MemoryPort {
 public:
  virtual ~MemoryPort() = default;
  /// Cycles until the data are back.
  virtual u64 read_line(const LineTransfer& transfer) = 0;
  /// Posted. Cycles until the write buffer that held the line is free again; nobody else waits for them.
  virtual u64 write_line(const LineTransfer& transfer) = 0;
  /// An access to memory that is not cacheable (Normal Non-cacheable): its cycles.
  virtual u64 uncached(unsigned core, const Request& request) = 0;
};

/// Told of each line that leaves a cache. Costs nothing when absent.
class EvictionObserver {
 public:
  struct Eviction {
    LevelId level = LevelId::L1d;
    unsigned core = kNoCore;  ///< whose cache; kNoCore: a shared one
    Pa line{};
    Security security = Security::NonSecure;
    Owner victim{};   ///< who brought the line in
    Owner evictor{};  ///< who made it leave
    Departure why = Departure::Capacity;
    u64 now = 0;
  };
  virtual ~EvictionObserver() = default;
  virtual void on_evict(const Eviction& eviction) = 0;
};

}  // namespace tw::cache
