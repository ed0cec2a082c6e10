#include "platforms/record/invalidations.hpp"

#include <algorithm>

namespace tw::record {
namespace {

trace::Scope scope_of(vmsa::InvalidateScope scope) {
  switch (scope) {
    case vmsa::InvalidateScope::All:
      return trace::Scope::All;
    case vmsa::InvalidateScope::VmidStage1:
      return trace::Scope::VmidStage1;
    case vmsa::InvalidateScope::VmidAll:
      return trace::Scope::Vmid;
    case vmsa::InvalidateScope::AsidAll:
      return trace::Scope::Asid;
    case vmsa::InvalidateScope::VaAsid:
      return trace::Scope::Va;
    case vmsa::InvalidateScope::VaLastAsid:
      return trace::Scope::VaLast;
    case vmsa::InvalidateScope::VaAllAsid:
      return trace::Scope::VaAllAsids;
    case vmsa::InvalidateScope::VaLastAllAsid:
      return trace::Scope::VaAllAsidsLast;
    case vmsa::InvalidateScope::Ipa:
      return trace::Scope::Ipa;
    case vmsa::InvalidateScope::IpaLast:
      return trace::Scope::IpaLast;
  }
  return trace::Scope::All;
}

trace::Regime regime_of(vmsa::Regime regime) {
  switch (regime) {
    case vmsa::Regime::El10:
      return trace::Regime::El10;
    case vmsa::Regime::El2:
      return trace::Regime::El2;
    case vmsa::Regime::El3:
      return trace::Regime::El3;
    case vmsa::Regime::El20:
      return trace::Regime::El20;
  }
  return trace::Regime::El10;
}

constexpr u64 kMostBytes = u64{1} << 31;

}  // namespace

El el_of(vmsa::Regime regime) {
  switch (regime) {
    case vmsa::Regime::El10:
      return El::El1;
    case vmsa::Regime::El3:
      return El::El3;
    case vmsa::Regime::El2:
    case vmsa::Regime::El20:
      return El::El2;
  }
  return El::El1;
}

std::vector<trace::Record> records_of(const vmsa::Invalidate& what, trace::Reach reach, El el) {
  trace::Record record;
  record.kind = trace::Kind::Invalidate;
  record.el = el;
  record.scope = scope_of(what.scope);
  record.target = {regime_of(what.regime), reach};
  const bool of_vm = what.regime == vmsa::Regime::El10 && what.stage2_in_use && record.scope != trace::Scope::All;
  if (of_vm) record.vmid = what.vmid;
  if (trace::names_asid(record.scope) && has_two_ranges(what.regime)) record.asid = what.asid;
  const bool by_ipa = trace::names_ipa(record.scope);
  if (!by_ipa && !trace::names_va(record.scope)) return {record};
  std::vector<trace::Record> records;
  u64 done = 0;
  do {
    if (by_ipa) {
      record.ipa = what.ipa + done;
    } else {
      record.va = what.va + done;
    }
    record.size = static_cast<u32>(std::min(what.bytes - done, kMostBytes));
    done += record.size;
    records.push_back(record);
  } while (done < what.bytes);
  return records;
}

/// At EL1, as those of the streams' translations.
trace::Record record_of(const smmu::ConfigurationInvalidate& what) {
  using From = smmu::ConfigurationInvalidate::Scope;
  trace::Record record;
  record.kind = trace::Kind::Invalidate;
  record.el = El::El1;
  record.target = {trace::Regime::El10, trace::Reach::Command};
  record.stream = what.stream;
  switch (what.scope) {
    case From::Ste:
      record.scope = trace::Scope::StreamRange;
      record.size = 1;
      break;
    case From::SteRange:
      record.scope = trace::Scope::StreamRange;
      record.size = u32{2} << what.range;
      record.stream = StreamId{what.stream.value & ~(record.size - 1)};
      break;
    case From::CdAll:
      record.scope = trace::Scope::StreamContexts;
      break;
    case From::Cd:
      record.scope = trace::Scope::StreamContext;
      record.size = what.substream;
      break;
    case From::All:
      record.scope = trace::Scope::Streams;
      record.stream = trace::kNoStream;
      break;
  }
  return record;
}

}  // namespace tw::record
