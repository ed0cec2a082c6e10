#include "platforms/replay/source.hpp"

#include <algorithm>

namespace tw::replay {
namespace {

constexpr std::size_t kAtOnce = 1u << 16;

}  // namespace

FileSource::FileSource(const std::filesystem::path& path, u64 from, std::optional<u64> records)
    : name_(path.string()), reader_(path) {
  const u64 behind = reader_.records() - std::min(from, reader_.records());
  records_ = left_ = std::min(records.value_or(behind), behind);
  reader_.seek(from);
}

std::span<const trace::Record> FileSource::next() {
  if (left_ == 0) return {};
  std::span<const trace::Record> records = reader_.next();
  records = records.first(std::min<u64>(left_, records.size()));
  left_ -= records.size();
  return records;
}

std::span<const trace::Record> MemorySource::next() {
  const std::span<const trace::Record> records = left_.first(std::min(kAtOnce, left_.size()));
  left_ = left_.subspan(records.size());
  return records;
}

/// A TLBI of all VMs is one of this VM.
std::span<const trace::Record> OneMachine::next() {
  const std::span<const trace::Record> records = of_.next();
  records_.assign(records.begin(), records.end());
  for (trace::Record& record : records_) {
    const bool invalidates = record.kind == trace::Kind::Invalidate;
    if (invalidates ? record.target.regime() != trace::Regime::El10 : record.el > El::El1) continue;
    record.vmid = vmid_;
    if (invalidates && record.scope == trace::Scope::All) record.scope = trace::Scope::Vmid;
  }
  return records_;
}

}  // namespace tw::replay
