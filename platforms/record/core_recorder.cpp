#include "platforms/record/core_recorder.hpp"

#include "platforms/record/invalidations.hpp"
#include "vmsa/fields.hpp"

namespace tw::record {

using trace::Kind;
using trace::Record;

Record CoreRecorder::in_context(const Access& access) const {
  Record record;
  record.va = access.va;
  record.ipa = access.ipa;
  record.pa = access.pa;
  record.size = access.bytes;
  record.el = core_.pstate.el;
  if (record.el >= El::El2) return record;
  if (core_.controls.stage2_enabled()) record.vmid = vmsa::current_vmid(core_.controls);
  record.asid = vmsa::current_asid(core_.controls);
  return record;
}

void CoreRecorder::fetched(const Access& instruction) {
  Record record = in_context(instruction);
  record.kind = Kind::Fetch;
  tables_.read(record.pa, record.el);
  if (!pending_.empty() && record.va.value == next_fetch_ && record.va.offset_in(kFetchBytes) != 0) {
    Record& fetch = pending_.front();
    const bool same = fetch.el == record.el && fetch.asid == record.asid && fetch.vmid == record.vmid &&
                      fetch.pa.value + fetch.size == record.pa.value;
    if (same) {
      fetch.size += record.size;
      next_fetch_ += record.size;
      return;
    }
  }
  write_pending();
  next_fetch_ = record.va.value + record.size;
  pending_.push_back(record);
}

void CoreRecorder::accessed(const Access& data) {
  Record record = in_context(data);
  record.kind = data.write ? Kind::Write : Kind::Read;
  if (!data.write) {
    tables_.read(record.pa, record.el);
  } else if (tables_.written(record.pa, record.size, record.el) && selection_.has(Kind::TableWrite)) {
    record.kind = Kind::TableWrite;
  }
  pending_.push_back(record);
}

void CoreRecorder::walked(const vmsa::DescriptorRequest& request, const vmsa::DescriptorReply& reply) {
  if (reply.ok) tables_.walked(core_.index, request, reply);
}

void CoreRecorder::invalidated(const vmsa::Invalidate& what, bool of_this_core) {
  if (!active_) return;
  const trace::Reach reach = !of_this_core    ? trace::Reach::Received
                             : what.broadcast ? trace::Reach::Broadcast
                                              : trace::Reach::Local;
  const El el = of_this_core ? core_.pstate.el : el_of(what.regime);
  for (const Record& record : records_of(what, reach, el)) pending_.push_back(record);
  if (!of_this_core) write_pending();
}

void CoreRecorder::write_pending() {
  for (const Record& record : pending_) {
    if (selection_.has(record.kind) && selection_.has(record.el)) sink_.put(record);
  }
  pending_.clear();
  next_fetch_ = 0;
}

}  // namespace tw::record
