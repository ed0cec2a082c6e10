#include "platforms/record/dma_recorder.hpp"

#include "platforms/record/invalidations.hpp"

namespace tw::record {

/// The SMMU's TLBs do not know what a look at the tables does; the PA is the one that was used.
void DmaRecorder::translated(const smmu::Request& request, const smmu::Response& response, u64 bytes) {
  const smmu::Look look = smmu_.look(request);
  trace::Record record;
  record.va = Va{request.address.value};
  record.pa = response.pa;
  record.ipa = look.response.outcome == smmu::Outcome::Ok ? look.ipa : Ipa{response.pa.value};
  record.size = static_cast<u32>(bytes);
  record.stream = request.from.stream;
  record.vmid = look.vmid;
  record.asid = look.asid;
  record.el = look.el;
  record.kind = request.write ? trace::Kind::Write : request.instruction ? trace::Kind::Fetch : trace::Kind::Read;
  put(record);
}

void DmaRecorder::invalidated(const vmsa::Invalidate& what) {
  if (what.secure) return;
  for (const trace::Record& record : records_of(what, trace::Reach::Command, el_of(what.regime))) put(record);
}

void DmaRecorder::invalidated(const smmu::ConfigurationInvalidate& what) {
  if (what.security == Security::NonSecure) put(record_of(what));
}

}  // namespace tw::record
