// PCIe page requests and their queue (IHI 0070, chapter 8).
#pragma once

#include <array>

#include "smmu/interrupts.hpp"
#include "smmu/maintenance.hpp"
#include "smmu/queue.hpp"

namespace tw::smmu {

/// The 16 bytes of a page request in the queue, as two little-endian words.
using PageRecord = std::array<u64, 2>;
PageRecord encode(const PageRequest& request);

class PageQueue final {
 public:
  PageQueue(const Config& config, State& state, MemoryPort& memory, EndpointPort& endpoints, Maintenance& maintenance,
            Interrupts& interrupts);

  /// Recorded, or answered at once where the queue does not take it.
  void request(const PageRequest& request, u64 now);

 private:
  bool overflow() const;
  bool last_only() const;
  void lose(const PageRequest& request, u64 now);
  void answer(const PageRequest& request, PageResponse::Code code, bool with_substream);

  const Config& config_;
  State& state_;
  MemoryPort& memory_;
  EndpointPort& endpoints_;
  Maintenance& maintenance_;
  Interrupts& interrupts_;
  Queue queue_;
};

}  // namespace tw::smmu
