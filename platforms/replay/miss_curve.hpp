// The misses of LRU TLBs of every size over a trace, of one pass: page references as a replay would make them.
#pragma once

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

  void access(std::span<const trace::Record> records) {
    for (const trace::Record& record : records) access(record);
  }
  void access(const trace::Record& record);

  u64 page_bytes() const { return u64{1} << page_bits_; }
  const vmsa::StackDistances& distances() const { return distances_; }

 private:
  void change_context(const trace::Record& record);
  void access_of_master(const trace::Record& record);

  CurveOf of_;
  bool stage1_, stage2_, by_ipa_;
  unsigned page_bits_;
  vmsa::StackDistances distances_;
  bool known_ = false;
  trace::Record present_;
  vmsa::ContextWord lower_, upper_;  ///< the upper range is global: of no ASID
};

}  // namespace tw::replay
