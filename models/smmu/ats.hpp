// ATS translation requests (IHI 0070, 3.9.1.2, 13.6, 13.7). The way is that of a transaction (translator.hpp):
//
//   on_arrival -> fetch_ste -> on_ste -> fetch_cd -> resolve -> answer
#pragma once

#include "smmu/translator.hpp"

namespace tw::smmu {

struct AtsVerdict {
  AtsReply reply;
  Finding finding;  ///< F_BAD_ATS_TREQ, or nothing
};
using AtsEnding = std::optional<AtsVerdict>;

/// SMMU off, or no ATS.
AtsEnding on_arrival(const AtsRequest& request, const State& state, const Config& config);
/// STE.Config, STE.EATS, the SubstreamID.
AtsEnding on_ste(const AtsRequest& request, const SteWords& ste, const State& state, const Config& config);
/// Instead of an event that a transaction would have recorded: Completer Abort, or, for faults of translation (of the
/// fetch of a CD), that nothing is mapped.
AtsReply reply_to(const Event& event, const Config& config);

/// Who translates for an answer, through the TLBs: at most three times.
class AtsWalks {
 public:
  virtual ~AtsWalks() = default;
  virtual vmsa::Translation walk(const vmsa::Access& access, const Stream& stream) = 0;
};
/// By stages 1 and 2 of `stream`, with hardware updates as for an access (3.13.7).
AtsReply answer(const AtsRequest& request, const Stream& stream, const Config& config, AtsWalks& walks);

}  // namespace tw::smmu
