// The misses of LRU TLBs of every size over a trace, of one pass: page references as a replay would make them.
#pragma once

#include <map>
#include <span>

#include "platforms/replay/config.hpp"
#include "platforms/replay/dma_space.hpp"
#include "platforms/replay/shared_distances.hpp"
#include "trace/record.hpp"

namespace tw::replay {

/// Whose references.
enum class CurveOf : u8 { Cores, Masters };

class MissCurve final {
 public:
  /// Pages are the smaller leaf of `config`, as an entry of both stages holds it. `contents` of the trace.
  MissCurve(const Config& config, trace::Contents contents, const vmsa::StackDistances::Spec& spec = {},
            CurveOf of = CurveOf::Cores, PartsBy by = PartsBy::None);

  /// Throws UserError when there are too many parts.
  void access(std::span<const trace::Record> records);

  u64 page_bytes() const { return u64{1} << page_bits_; }
  const vmsa::StackDistances& distances() const { return distances_.together(); }
  const std::vector<SharedDistances::Part>& parts() const { return distances_.parts(); }

 private:
  void access(const trace::Record& record);
  void change_context(const trace::Record& record);
  void access_of_master(const trace::Record& record);

  CurveOf of_;
  std::map<DmaSpace, u64> dma_spaces_;
  bool stage1_, stage2_, by_ipa_;
  unsigned page_bits_;
  SharedDistances distances_;
  bool known_ = false;
  trace::Record present_;
  vmsa::ContextWord lower_, upper_;  ///< the upper range is global: of no ASID
};

}  // namespace tw::replay
