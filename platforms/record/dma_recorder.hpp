// What the masters behind the SMMU do, and what software has the SMMU forget, as records. Of Secure state nothing: its
// streams are aborted.
#pragma once

#include "platforms/record/selection.hpp"
#include "platforms/record/sink.hpp"
#include "smmu/smmu.hpp"

namespace tw::record {

class DmaRecorder final : public smmu::ObserverPort {
 public:
  DmaRecorder(const smmu::Smmu& smmu, Sink& sink, const Selection& selection)
      : smmu_(smmu), sink_(sink), selection_(selection) {}

  void translated(const smmu::Request& request, const smmu::Response& response, u64 bytes) override;
  void invalidated(const vmsa::Invalidate& what) override;
  void invalidated(const smmu::ConfigurationInvalidate& what) override;

 private:
  void put(const trace::Record& record) {
    if (selection_.has(record.kind)) sink_.put(record);
  }

  const smmu::Smmu& smmu_;
  Sink& sink_;
  const Selection selection_;
};

}  // namespace tw::record
