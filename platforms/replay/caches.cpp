#include "platforms/replay/caches.hpp"

#include <algorithm>

namespace tw::replay {
namespace {

constexpr unsigned kOnlyCore = 0;
constexpr unsigned kPageBits = 12;
constexpr u64 kMostBytes = 128;  ///< of one request

// With replay.mapping=own the tables of the replay are none of the trace's. Their addresses may be those of its data,
// and would be one line with them; caches see them above all memory that a trace can know.
constexpr u64 kAboveTraces = u64{1} << 47;

constexpr cache::Kind kind_of(trace::Kind kind) {
  switch (kind) {
    case trace::Kind::Fetch:
      return cache::Kind::Fetch;
    case trace::Kind::Read:
      return cache::Kind::Load;
    default:
      return cache::Kind::Store;
  }
}

}  // namespace

Caches::Caches(const Config& config, u64 first_level, const cache::Config& caches, cost::CoreLedger& ledger)
    : memory_cycles_(config.memory_cycles),
      first_level_(first_level),
      tables_at_(config.mapping == "own" ? kAboveTraces : 0),
      ledger_(ledger),
      hierarchy_(caches, 1, *this) {}

void Caches::access(trace::Kind kind, Va va, Pa pa, u64 bytes) {
  cache::Request request{
      .stream = va.value >> kPageBits, .owner = owner(), .kind = kind_of(kind), .security = Security::NonSecure};
  const u64 line = hierarchy_.config().line;
  for (u64 done = 0; done < bytes;) {
    request.pa = pa + done;
    request.now = ledger_.elapsed();
    request.size = static_cast<u8>(std::min({bytes - done, line - request.pa.offset_in(line), kMostBytes}));
    cost::Latency latency;
    hierarchy_.access(kOnlyCore, request, latency);
    ledger_.charge(latency);
    done += request.size;
  }
}

void Caches::fetch(const vmsa::DescriptorRequest& request, vmsa::DescriptorReply& reply) {
  if (!request.timed) return;
  cost::Latency latency;
  reply.served_by = hierarchy_.access(kOnlyCore,
                                      {.pa = Pa{request.address.value | tables_at_},
                                       .now = request.now,
                                       .owner = owner(),
                                       .kind = cache::Kind::Walk,
                                       .cacheable = request.cacheable},
                                      latency);
  reply.cycles = first_level_ + latency.total();
}

}  // namespace tw::replay
