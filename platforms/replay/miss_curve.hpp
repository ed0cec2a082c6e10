// The misses of LRU TLBs of every size over a trace, of one pass: page references as a replay would make them.
#pragma once

#include <array>
#include <map>
#include <span>
#include <vector>

#include "platforms/replay/config.hpp"
#include "platforms/replay/dma_space.hpp"
#include "trace/record.hpp"
#include "vmsa/tlb/stack_distances.hpp"

namespace tw::replay {

/// Whose references.
enum class CurveOf : u8 { Cores, Masters };
/// Whose are counted apart too: nobody's, each VM's, or each address space's. Of cores alone.
enum class PartsBy : u8 { None, Vmid, Asid };

class MissCurve final {
 public:
  /// Pages are the smaller leaf of `config`, as an entry of both stages holds it. `contents` of the trace.
  MissCurve(const Config& config, trace::Contents contents, const vmsa::StackDistances::Spec& spec = {},
            CurveOf of = CurveOf::Cores, PartsBy by = PartsBy::None);

  /// Throws UserError when there are more than kMostParts parts.
  void access(std::span<const trace::Record> records);

  u64 page_bytes() const { return u64{1} << page_bits_; }
  const vmsa::StackDistances& distances() const { return distances_; }

  static constexpr std::size_t kMostParts = 256;
  struct Part {
    Vmid vmid;
    Asid asid;                   ///< 0 by VM
    vmsa::StackDistances alone;  ///< TLBs that nobody else uses
  };
  /// In the order of their first references; by this number in `distances()`.
  const std::vector<Part>& parts() const { return parts_; }

 private:
  void access(const trace::Record& record);
  static constexpr std::size_t kWaiting = 128;
  u32 part_of(Vmid vmid, Asid asid);
  void change_context(const trace::Record& record);
  void access_of_master(const trace::Record& record);
  void reference(vmsa::ContextWord context, u64 page) {
    waiting_[waiting_count_++] = {context, page, part_};
    if (waiting_count_ == waiting_.size()) flush();
  }
  void flush();

  CurveOf of_;
  std::map<DmaSpace, u64> dma_spaces_;
  PartsBy by_;
  vmsa::StackDistances::Spec spec_;
  bool stage1_, stage2_, by_ipa_;
  unsigned page_bits_;
  vmsa::StackDistances distances_;
  std::vector<Part> parts_;
  u32 part_ = 0;  ///< of the present context
  bool known_ = false;
  trace::Record present_;
  std::array<vmsa::StackDistances::Reference, kWaiting> waiting_;
  std::size_t waiting_count_ = 0;    ///< none between calls
  vmsa::ContextWord lower_, upper_;  ///< the upper range is global: of no ASID
};

}  // namespace tw::replay
