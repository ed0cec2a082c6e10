// From a StreamID and SubstreamID to a Stream: stream table, STE, CD table, CD (IHI 0070, 3.3), each fetched from
// memory with its time. What is kept of it is the business of the caller (configuration caches).
#pragma once

#include <optional>

#include "cost/spans.hpp"
#include "smmu/config.hpp"
#include "smmu/events.hpp"
#include "smmu/ports.hpp"
#include "smmu/state.hpp"
#include "smmu/stream.hpp"
#include "vmsa/walker.hpp"

namespace tw::smmu {

/// The time that something took, and what it read: handed down, added to.
struct Lapse {
  u64 now = 0;  ///< when it began
  bool timed = true;
  u64 cycles = 0;
  u64 at() const { return now + cycles; }
  u32 fetches = 0;  ///< structures read from memory
};

/// A fault of configuration or of translation, ready to be recorded; its kind decides what becomes of it.
using Finding = std::optional<Event>;

class Configuration final {
 public:
  Configuration(const Config& config, const State& state, MemoryPort& memory);

  struct SteResult {
    Finding fault;
    SteWords words{};
    Pa at{};
  };
  struct CdResult {
    Finding fault;
    CdWords words{};
    Pa at{};
  };
  /// The STE of a stream, checked for validity. `fault` lacks address and access of the transaction: with_access().
  SteResult fetch_ste(StreamKey key, Lapse& lapse) const;
  /// The CD that `ste` names for `key`, checked; needs_cd() and on_ste() (translator.hpp) before it. Its fetch goes
  /// through stage 2 where the STE has that. `walk` as for any walk; its latency, when there is one, is added to the
  /// lapse too.
  CdResult fetch_cd(StreamKey key, const SteWords& ste, Lapse& lapse, const vmsa::WalkOptions& walk = {}) const;
  /// Whether the transaction needs a CD at all: stage 1 on, and not bypassed by S1DSS.
  bool needs_cd(StreamKey key, const SteWords& ste) const;
  /// All that follows from both. Without a CD: as if STE.Config had stage 1 off, as for S1DSS, and for what is
  /// Translated by split-stage ATS.
  Stream resolve(StreamKey key, const SteResult& ste, const CdResult* cd) const;
  /// The stage-2 half alone, of which the fetch of a CD needs no more.
  vmsa::Controls stage2_controls(const SteWords& ste) const;

 private:
  struct Fetched {
    Finding fault;
    Pa at{};
  };
  Fetched fetch_structure(StreamKey key, const SteWords& ste, u64 address, std::span<u8> into, Lapse& lapse,
                          const vmsa::WalkOptions& walk) const;
  Finding through_stage2(StreamKey key, const SteWords& ste, Ipa ipa, Pa& at, Lapse& lapse,
                         const vmsa::WalkOptions& walk) const;

  const Config& config_;
  const State& state_;
  MemoryPort& memory_;
};

}  // namespace tw::smmu
