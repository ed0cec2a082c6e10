// One translation by a stream's tables, over vmsa::Walker: no caches of its own, no state. A transaction goes
//
//   on_arrival -> fetch_ste -> on_ste -> fetch_cd -> resolve -> on_stream -> walk or TLB -> response_of
//                                                                                        -> event_of, policy_of
//
// where fetch_*, needs_cd and resolve are Configuration's. Any of the on_* may be the end of it.
#pragma once

#include "smmu/configuration.hpp"
#include "vmsa/walker.hpp"

namespace tw::smmu {

/// The end of a transaction without a translation: a response, and perhaps something to record.
struct Verdict {
  Response response;
  Finding finding;
};
using Ending = std::optional<Verdict>;

/// SMMU off (GBPA); Translated, and not to be checked; not supported at all.
Ending on_arrival(const Request& request, const State& state, const Config& config);
/// STE.Config abort; Translated against STE.EATS (split-stage goes on, with no need of a CD); the SubstreamID against
/// S1CDMax and S1DSS.
Ending on_ste(const Request& request, const SteWords& ste, const State& state, const Config& config);
/// STE.Config abort and bypass, S1DSS bypass without stage 2.
Ending on_stream(const Request& request, const Stream& stream, const Config& config);

/// The access as the walker sees it, with the STE's overrides of privilege and instruction.
vmsa::Access access_of(const Request& request, const Stream& stream);
/// An event from what the walker found wrong.
Event event_of(const vmsa::Fault& fault, const Request& request, const Stream& stream);
/// `event` of Configuration with what it lacks: address and access of the transaction.
Event with_access(Event event, const Request& request, const Stream& stream);
/// Whether the event is recorded, and how the transaction ends: by CD.{R,A,S}, STE.{S2R,S2S}, and the kind. Of a fault
/// before there is a Stream: resolve() with the STE alone, or an empty one.
struct FaultPolicy {
  bool record = true;
  bool stall = false;
  Outcome outcome = Outcome::Abort;
};
FaultPolicy policy_of(const Event& event, const Request& request, const Stream& stream, const State& state);
/// Output of a translation: address, attributes with the STE's overrides.
Response response_of(const vmsa::Translation& translation, const Stream& stream);

/// One of the four kinds that R, A and S are about (5.5).
bool is_translation_related(EventKind kind);

/// What a master says of itself, after STE.{PRIVCFG,INSTCFG}.
inline bool privileged_of(bool incoming, const Stream& stream) {
  return (stream.privilege_config & 2) != 0 ? (stream.privilege_config & 1) != 0 : incoming;
}
inline bool instruction_of(bool incoming, bool write, const Stream& stream) {
  if (write) return false;  // 13.1.2
  return (stream.instruction_config & 2) != 0 ? (stream.instruction_config & 1) != 0 : incoming;
}

}  // namespace tw::smmu
