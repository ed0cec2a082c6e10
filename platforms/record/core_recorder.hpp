// What one core does, as records: fetches by line, accesses, TLBIs.
#pragma once

#include <vector>

#include "cpu/cpu.hpp"
#include "platforms/record/selection.hpp"
#include "platforms/record/sink.hpp"
#include "platforms/record/table_map.hpp"
#include "platforms/virt/core_observer.hpp"

namespace tw::record {

/// Instructions that follow one another in a line of this size, in one context, are one record.
inline constexpr u64 kFetchBytes = 64;

class CoreRecorder final : public virt::CoreObserver {
 public:
  CoreRecorder(const cpu::Cpu& core, TableMap& tables, Sink& sink, const Selection& selection)
      : core_(core), tables_(tables), sink_(sink), selection_(selection) {}

  /// From here on; and until here. The core is between two instructions.
  void begin() { active_ = true; }
  void end() {
    write_pending();
    active_ = false;
  }

  void accessed(const Access& data) override;
  void fetched(const Access& instruction) override;
  void walked(const vmsa::DescriptorRequest& request, const vmsa::DescriptorReply& reply) override;
  void invalidated(const vmsa::Invalidate& what, bool of_this_core) override;
  void context_changed() override { context_known_ = false; }

 private:
  trace::Record& add(trace::Kind kind, const Access& access);
  void look_at_context();
  void write_pending();

  const cpu::Cpu& core_;
  TableMap& tables_;
  Sink& sink_;
  const Selection selection_;
  bool active_ = false;
  bool context_known_ = false;
  trace::Record context_;  ///< of the core as it is: EL, VMID, ASID
  /// Of the instructions that were fetched last: their fetch, whose size may grow, and what they did.
  std::vector<trace::Record> pending_;
  u64 next_fetch_ = 0;  ///< that would be part of it
};

}  // namespace tw::record
