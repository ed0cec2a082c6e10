// One translation by a stream's tables, over vmsa::Walker: no caches of its own, no state.
#pragma once

#include "smmu/configuration.hpp"
#include "vmsa/walker.hpp"

namespace tw::smmu {

/// The access as the walker sees it, with the STE's overrides of privilege and instruction.
vmsa::Access access_of(const Request& request, const Stream& stream);
/// An event from what the walker found wrong.
Event event_of(const vmsa::Fault& fault, const Request& request, const Stream& stream);
/// Whether the event is recorded, and how the transaction ends: by CD.{R,A,S}, STE.{S2R,S2S}, and the kind.
struct FaultPolicy {
  bool record = true;
  bool stall = false;
  Outcome outcome = Outcome::Abort;
};
FaultPolicy policy_of(const Event& event, const Request& request, const Stream& stream);
/// Output of a translation: address, attributes with the STE's overrides.
Response response_of(const vmsa::Translation& translation, const Stream& stream);
/// A transaction that nobody translates: SMMU off (GBPA), STE.Config bypass, S1DSS bypass without stage 2.
Response bypass(const Request& request, const State& state, const Config& config);
Response bypass(const Request& request, const Stream& stream, const Config& config);

}  // namespace tw::smmu
