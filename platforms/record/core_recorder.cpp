#include "platforms/record/core_recorder.hpp"

#include "platforms/record/invalidations.hpp"
#include "vmsa/fields.hpp"

namespace tw::record {

using trace::Kind;
using trace::Record;

/// Ends the fetch under way if it is another one.
void CoreRecorder::look_at_context() {
  Record now;
  now.el = core_.pstate.el;
  if (now.el < El::El2) {
    if (core_.controls.stage2_enabled()) now.vmid = vmsa::current_vmid(core_.controls);
    now.asid = vmsa::current_asid(core_.controls);
  }
  if (now != context_) next_fetch_ = 0;
  context_ = now;
  context_known_ = true;
}

Record& CoreRecorder::add(Kind kind, const Access& access) {
  Record& record = pending_.emplace_back(context_);
  record.va = access.va;
  record.ipa = access.ipa;
  record.pa = access.pa;
  record.size = access.bytes;
  record.kind = kind;
  return record;
}

void CoreRecorder::fetched(const Access& instruction) {
  if (!context_known_) look_at_context();
  if (instruction.va.value == next_fetch_ && instruction.va.offset_in(kFetchBytes) != 0) {
    Record& fetch = pending_.front();
    if (fetch.pa.value + fetch.size == instruction.pa.value) {
      fetch.size += instruction.bytes;
      next_fetch_ += instruction.bytes;
      return;
    }
  }
  write_pending();
  tables_.read(instruction.pa, context_.el);
  add(Kind::Fetch, instruction);
  next_fetch_ = instruction.va.value + instruction.bytes;
}

void CoreRecorder::accessed(const Access& data) {
  if (!context_known_) look_at_context();
  Kind kind = data.write ? Kind::Write : Kind::Read;
  if (!data.write) {
    tables_.read(data.pa, context_.el);
  } else if (tables_.written(data.pa, data.bytes, context_.el) && selection_.has(Kind::TableWrite)) {
    kind = Kind::TableWrite;
  }
  add(kind, data);
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
