#include "trace/summary.hpp"

namespace tw::trace {
namespace {

Space space_of(const Record& record) {
  return {record.el >= El::El2 ? record.el : El::El0, record.vmid, record.asid, record.stream};
}

}  // namespace

void Summarizer::Pages::add(u64 address) {
  const u64 page = address >> kSummaryPageBits;
  u64& known = recent[page % recent.size()];
  if (page == known) return;
  known = page;
  all.insert(page);
}

void Summarizer::access(const Record& record) {
  const Space space = space_of(record);
  if (known_ == nullptr || space != last_) {
    known_ = &spaces_[space];
    last_ = space;
  }
  ++known_->accesses;
  known_->pages.add(record.va.value);
  if (contents_.pa) physical_.add(record.pa.value);
}

void Summarizer::add(std::span<const Record> records) {
  counts_.records += records.size();
  for (const Record& record : records) {
    ++counts_.by_kind[static_cast<unsigned>(record.kind)][index(record.el)];
    if (record.kind != Kind::Invalidate) {
      access(record);
    } else {
      ++counts_.invalidations[static_cast<unsigned>(record.scope)][static_cast<unsigned>(record.target.reach())];
    }
  }
}

Summary Summarizer::summary() const {
  Summary summary = counts_;
  for (const auto& [space, known] : spaces_) summary.spaces[space] = {known.accesses, known.pages.all.size()};
  summary.physical_pages = physical_.all.size();
  return summary;
}

}  // namespace tw::trace
