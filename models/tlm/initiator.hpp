// An initiator socket with what every master here needs: one reused payload with its extension, direct memory pointers
// by range, and the knowledge of which addresses are plain memory.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <systemc>
#include <tlm>

#include "base/types.hpp"
#include "tlm/payload.hpp"

namespace tw::tlm {

class Initiator final : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Initiator> socket;

  explicit Initiator(sc_core::sc_module_name name);
  ~Initiator() override;

  struct Answer {
    bool ok = false;
    u64 value = 0;
    /// Latency of the transaction alone. After a target that has let sc_time pass (an SMMU that holds a stalled
    /// master), sc_time_stamp() + lead + delay is the end: the time that has passed is not in it.
    sc_core::sc_time delay;
    cost::ServedBy served_by = cost::ServedBy::Unmapped;
  };
  /// A blocking transaction of 1..8 bytes. The latency comes back in `delay`; no time passes in here. `lead` is how far
  /// the initiator's own time is ahead of sc_time: the transaction arrives at sc_time_stamp() + lead.
  Answer transport(Pa pa, unsigned size, bool write, u64 value, const Attributes& attributes,
                   const sc_core::sc_time& lead = sc_core::SC_ZERO_TIME);
  /// The same for a master that moves blocks: `data` is read or written in place; no value comes back.
  Answer transport_block(Pa pa, std::span<u8> data, bool write, const Attributes& attributes,
                         const sc_core::sc_time& lead = sc_core::SC_ZERO_TIME);
  /// What moving `bytes` takes, and no data moved (TLM_IGNORE_COMMAND): a cache's line fill or write-back, whose data
  /// are in host memory already. Fabric and memory are as busy with it as with a read or a write.
  Answer transport_time(Pa pa, unsigned bytes, bool write, const Attributes& attributes,
                        const sc_core::sc_time& lead = sc_core::SC_ZERO_TIME);
  /// A debugger's access of any length; returns the number of bytes done.
  unsigned debug(Pa pa, u8* data, unsigned length, bool write);

  /// Whether `pa` is memory that needs no synchronisation of time: its target grants direct access.
  bool is_memory(Pa pa, bool write, Security security = Security::NonSecure) {
    const Region& found = region(pa, security);
    return write ? found.writable : found.readable;
  }
  /// Host address of the 4 KB page around `page`, if all of it may be accessed directly, else nullptr.
  u8* host_page(Pa page, bool write, Security security = Security::NonSecure);
  /// Called when direct memory pointers become invalid.
  void on_invalidate(std::function<void()> call) { on_invalidate_ = std::move(call); }

 private:
  /// Sends `payload_` as it is prepared.
  Answer send(const Attributes& attributes, const sc_core::sc_time& lead);
  /// A range for which the targets granted or refused direct access.
  struct Region {
    u64 start = 0, end = 0;  ///< inclusive
    bool granted = false, readable = false, writable = false;
    u8* host = nullptr;
  };
  const Region& region(Pa pa, Security security);
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end);

  ::tlm::tlm_generic_payload payload_;
  PayloadExtension extension_;
  std::vector<u8> untouched_;  ///< a payload's data pointer is never null (IEEE 1666, 14.11), used or not
  /// What one security state may access directly.
  struct View {
    std::map<u64, Region> regions;  ///< by start
    Region last{.start = 1};        ///< the one used last; at first it covers nothing
  };
  View& view(Security security) { return views_[static_cast<unsigned>(security)]; }
  std::array<View, 2> views_;
  std::function<void()> on_invalidate_;
};

}  // namespace tw::tlm
