// The TLM shell of a DMA master that somebody else directs: it keeps requests outstanding in simulated time, behind a
// PCI Express link if there is one.
#pragma once

#include <functional>
#include <queue>
#include <vector>

#include <systemc>

#include "devices/traffic/config.hpp"
#include "devices/traffic/link.hpp"
#include "devices/traffic/source.hpp"
#include "tlm/initiator.hpp"

namespace tw::devices {

class TrafficModule final : public sc_core::sc_module {
 public:
  tlm::Initiator bus;

  struct Settings {
    traffic::Config traffic;  ///< outstanding, engine, privileged, may_stall, write and read as the source says
    traffic::LinkConfig link;
    sc_core::sc_time quantum;  ///< how far it may run ahead of sc_time
  };
  /// `source` outlives the module.
  TrafficModule(sc_core::sc_module_name name, traffic::Source& source, const Settings& settings);

  /// Called when the source has ended and its last request is done, at that time.
  void on_end(std::function<void()> call) { on_end_ = std::move(call); }
  /// The source, which had said `Later`, has something.
  void wake() { woken_.notify(sc_core::SC_ZERO_TIME); }

 private:
  void run();
  /// When there is room for a request that is wanted at `from`; sc_time has come near.
  u64 issue_time(u64 from);
  void perform(const traffic::Request& request, u64 issued);
  void finish();
  u64 cross_up(u64 from, u64 bytes);
  u64 cross_down(u64 from, u64 bytes);

  traffic::Source& source_;
  Settings settings_;
  traffic::Link link_;
  u64 byte_fs_;  ///< femtoseconds that a byte takes on the link
  u64 engine_ps_, root_complex_ps_, quantum_ps_;
  u64 local_ps_ = 0;                                                      ///< when the last request was issued
  std::priority_queue<u64, std::vector<u64>, std::greater<>> under_way_;  ///< when requests are done, ps
  u64 last_done_ps_ = 0;
  std::vector<u8> data_;
  std::function<void()> on_end_;
  sc_core::sc_event woken_;
};

}  // namespace tw::devices
