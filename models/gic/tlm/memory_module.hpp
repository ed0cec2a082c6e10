// Guest memory as the GIC's tables need it: an initiator that touches nothing but plain memory. A guest that puts a
// table where registers are (the GIC's own, even) gets no answer, as from an empty address.
#pragma once

#include <functional>

#include <systemc>

#include "gic/ports.hpp"
#include "tlm/initiator.hpp"

namespace tw::gic {

class MemoryModule final : public sc_core::sc_module, public MemoryPort {
 public:
  tlm::Initiator bus;

  /// `written` hears of every write: somebody may hold decoded code of these bytes.
  MemoryModule(sc_core::sc_module_name name, std::function<void(Pa at, u64 bytes)> written);

  std::optional<u64> read(Pa at, unsigned bytes) override;
  bool write(Pa at, unsigned bytes, u64 value) override;

 private:
  std::function<void(Pa, u64)> written_;
};

}  // namespace tw::gic
