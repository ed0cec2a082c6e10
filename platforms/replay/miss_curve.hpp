// The misses of LRU TLBs of every size over a trace, of one pass: page references as a replay would make them.
#pragma once

#include <array>
#include <span>

#include "platforms/replay/config.hpp"
#include "trace/record.hpp"
#include "vmsa/tlb/stack_distances.hpp"

namespace tw::replay {

/// Whose references.
enum class CurveOf : u8 { Cores, Masters };

class MissCurve final {
 public:
  /// Pages are the smaller leaf of `config`, as an entry of both stages holds it. `contents` of the trace.
  MissCurve(const Config& config, trace::Contents contents, const vmsa::StackDistances::Spec& spec = {},
            CurveOf of = CurveOf::Cores);

  void access(std::span<const trace::Record> records);

  u64 page_bytes() const { return u64{1} << page_bits_; }
  const vmsa::StackDistances& distances() const { return distances_; }

 private:
  void access(const trace::Record& record);
  void change_context(const trace::Record& record);
  void access_of_master(const trace::Record& record);
  void reference(vmsa::ContextWord context, u64 page) {
    waiting_[waiting_count_++] = {context, page};
    if (waiting_count_ == waiting_.size()) flush();
  }
  void flush();

  CurveOf of_;
  bool stage1_, stage2_, by_ipa_;
  unsigned page_bits_;
  vmsa::StackDistances distances_;
  bool known_ = false;
  trace::Record present_;
  std::array<vmsa::StackDistances::Reference, 128> waiting_;
  std::size_t waiting_count_ = 0;    ///< none between calls
  vmsa::ContextWord lower_, upper_;  ///< the upper range is global: of no ASID
};

}  // namespace tw::replay
