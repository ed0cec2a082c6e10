// What commands do to the rest of the SMMU. Each answers with the time at which it is done.
#pragma once

#include <optional>

#include "smmu/types.hpp"

namespace tw::smmu {

/// CMD_CFGI_*.
struct ConfigurationInvalidate {
  enum class Scope : u8 { Ste, SteRange, Cd, CdAll, All };
  Scope scope = Scope::All;
  Security security = Security::NonSecure;  ///< of the streams (SSec)
  StreamId stream{};
  u8 range = 0;  ///< SteRange: streams that agree in all but the low range + 1 bits
  u32 substream = 0;
  bool leaf = false;
};

class Maintenance {
 public:
  virtual ~Maintenance() = default;
  virtual u64 invalidate(const vmsa::Invalidate& what, u64 now) = 0;
  virtual u64 invalidate(const ConfigurationInvalidate& what, u64 now) = 0;
  /// CMD_PREFETCH_CONFIG, CMD_PREFETCH_ADDR: a hint; faults of it are dropped.
  virtual u64 prefetch(StreamKey key, const Iova* address, u64 now) = 0;
  /// CMD_SYNC: when the translations that had begun before `now` have ended, and all TBUs have acknowledged the
  /// invalidations of before (IHI 0070, 4.6.3). `now` where there is nothing to wait for.
  virtual u64 settled(u64 now) = 0;
  /// STE.PPAR of a stream: whether the answer to its page requests has a PASID. Nothing: it has no valid STE (8.1).
  virtual std::optional<bool> page_response_has_pasid(StreamId stream, u64 now) = 0;
};

}  // namespace tw::smmu
