// MSI-X (PCI Local Bus 3.0, 6.8.2): the capability, the table and the pending bits.
#pragma once

#include <functional>
#include <vector>

#include "base/mmio.hpp"
#include "devices/pci/bus_master.hpp"
#include "devices/pci/config_space.hpp"

namespace tw::devices::pci {

class Msix final {
 public:
  /// The table is at 0 and the pending bits at half of BAR `bar`, which is bar_bytes(vectors) large.
  Msix(ConfigSpace& config, unsigned bar, u16 vectors);
  static u64 bar_bytes(u16 vectors);

  unsigned bar() const { return bar_; }
  u16 vectors() const { return static_cast<u16>(table_.size()); }
  bool enabled() const;
  /// An event. The message is sent now, or when the masks (of the vector, of the function) and Bus Master Enable allow
  /// it; more events until then are one. A vector that the table does not have does nothing.
  void notify(u16 vector, BusMaster& bus);
  /// Masks or Bus Master Enable changed: what is pending goes out if it may.
  void send_pending(BusMaster& bus);
  /// Sent messages that the bus refused: the guest's address was wrong.
  u64 refused() const { return refused_; }

  /// Table and pending bits; the caller then calls send_pending(). 4 and 8 bytes; others do nothing (6.8.2.6).
  MmioResult access(const MmioAccess& access);
  void reset();

 private:
  struct Entry {
    u32 words[4];  ///< address, upper address, data, vector control
  };
  bool masked(u16 vector) const;
  void send(u16 vector, BusMaster& bus);
  u32 read_word(u64 offset) const;
  void write_word(u64 offset, u32 value);

  ConfigSpace& config_;
  unsigned bar_;
  u16 capability_;
  u64 pending_offset_;
  std::vector<Entry> table_;
  std::vector<bool> pending_;
  u64 refused_ = 0;
};

}  // namespace tw::devices::pci
