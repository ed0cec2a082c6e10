// Stack distances of structures that several parts share (VMs, address spaces, streams), and of each part alone.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <vector>

#include "trace/record.hpp"
#include "vmsa/tlb/stack_distances.hpp"

namespace tw::replay {

/// Whose are counted apart: nobody's, each VM's, each address space's, or each DMA master's.
enum class PartsBy : u8 { None, Vmid, Asid, Stream };

class SharedDistances final {
 public:
  SharedDistances(const vmsa::StackDistances::Spec& spec, PartsBy by) : spec_(spec), by_(by), together_(spec) {}

  static constexpr std::size_t kMostParts = 256;
  struct Key {
    Vmid vmid{};
    Asid asid{};                         ///< with PartsBy::Asid
    StreamId stream = trace::kNoStream;  ///< with PartsBy::Stream, which knows no other
    auto operator<=>(const Key&) const = default;
  };
  struct Part {
    Key key;
    vmsa::StackDistances alone;  ///< structures that nobody else uses
  };

  /// Whose the references are that come next. Throws UserError when there are more than kMostParts parts.
  void turn_to(Vmid vmid, Asid asid, StreamId stream) {
    if (by_ != PartsBy::None) turn_to(key_of(vmid, asid, stream));
  }
  /// Counted by flush() at the latest.
  void reference(vmsa::ContextWord context, u64 page) {
    waiting_[waiting_count_++] = {context, page, part_};
    if (waiting_count_ == waiting_.size()) flush();
  }
  void flush();

  // After flush():
  const vmsa::StackDistances& together() const { return together_; }
  /// In the order of their first references; by this number in `together()`.
  const std::vector<Part>& parts() const { return parts_; }

 private:
  static constexpr std::size_t kWaiting = 128;
  Key key_of(Vmid vmid, Asid asid, StreamId stream) const {
    if (by_ == PartsBy::Stream) return {.stream = stream};
    return {.vmid = vmid, .asid = by_ == PartsBy::Asid ? asid : Asid{}};
  }
  void turn_to(const Key& key);

  vmsa::StackDistances::Spec spec_;
  PartsBy by_;
  vmsa::StackDistances together_;
  std::vector<Part> parts_;
  u32 part_ = 0;
  std::array<vmsa::StackDistances::Reference, kWaiting> waiting_;
  std::size_t waiting_count_ = 0;
};

}  // namespace tw::replay
