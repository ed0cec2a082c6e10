// The TLM target shell of any register-file core (base/mmio.hpp): protocol checks, latency, attributes. Initiators
// synchronise before they access a device, so the core sees the exact time in sc_time_stamp().
#pragma once

#include <functional>

#include <tlm_utils/simple_target_socket.h>
#include <systemc>
#include <tlm>

#include "base/mmio.hpp"
#include "cost/spans.hpp"
#include "tlm/clock.hpp"
#include "tlm/payload.hpp"

namespace tw::tlm {

/// How a register file answers on the bus.
struct MmioTiming {
  u64 read_latency = 0;  ///< cycles of `clock`
  u64 write_latency = 0;
  Clock clock{1};
  cost::ServedBy served_by = cost::ServedBy::Device;
};

class MmioModule final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<MmioModule> socket;

  /// `bytes` is the size of the frame. `after` runs after every access that is not a debugger's: the shell around this
  /// one updates wires and events there.
  MmioModule(sc_core::sc_module_name name, MmioTarget& core, u64 bytes, const MmioTiming& timing,
             std::function<void()> after = {});

  /// For a device whose bytes may sometimes be read directly (flash): fills in the pointer, or returns false.
  using DirectReads = std::function<bool(::tlm::tlm_dmi& dmi)>;
  void set_direct_reads(DirectReads direct) { direct_ = std::move(direct); }
  /// The granted pointers are void from now on.
  void invalidate_direct_reads() { socket->invalidate_direct_mem_ptr(0, bytes_ - 1); }

 private:
  bool get_direct_mem_ptr(::tlm::tlm_generic_payload& payload, ::tlm::tlm_dmi& dmi);
  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(::tlm::tlm_generic_payload& payload);
  ::tlm::tlm_response_status serve(::tlm::tlm_generic_payload& payload);

  MmioTarget& core_;
  u64 bytes_;
  MmioTiming timing_;
  std::function<void()> after_;
  DirectReads direct_;
};

}  // namespace tw::tlm
