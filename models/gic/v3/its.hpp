// The Interrupt Translation Service: turns a device's message (DeviceID, EventID) into an LPI of a core, by tables that
// software fills through a command queue (IHI 0069, 5.2 and 5.3). Commands take effect within the write that hands them
// over.
#pragma once

#include <optional>
#include <span>

#include "base/mmio.hpp"
#include "gic/v3/distributor.hpp"
#include "gic/v3/identification.hpp"
#include "gic/v3/its_tables.hpp"

namespace tw::gic::v3 {

class Its final {
 public:
  static constexpr u64 kFrameBytes = 0x20000;  ///< control frame and translation frame, 64 KB each
  static constexpr unsigned kDeviceBits = 16;
  static constexpr unsigned kEventBits = 16;
  static constexpr unsigned kCollectionBits = 16;

  Its(Distributor& distributor, MemoryPort& memory) : distributor_(distributor), memory_(memory) {}
  void reset();

  MmioResult access(const MmioAccess& access) { return access_rows(*this, registers(), access); }
  static std::span<const RegisterRow<Its>> registers();

 private:
  friend struct ItsRegisters;

  /// What becomes of a command: done, or ignored for a wrong parameter; or no memory answered for the queue or a table,
  /// and the queue stalls at the command (IHI 0069, 5.3.2 leaves the choice).
  enum class [[nodiscard]] Outcome : u8{Continue, Stall};

  /// A command's four double words, by field.
  struct Command {
    u64 words[4] = {};
    u8 opcode() const { return static_cast<u8>(words[0]); }
    u32 device() const { return static_cast<u32>(words[0] >> 32); }
    u32 event() const { return static_cast<u32>(words[1]); }
    u32 intid() const { return static_cast<u32>(words[1] >> 32); }
    unsigned event_bits() const { return static_cast<unsigned>(bits<4, 0>(words[1])) + 1; }
    Pa itt() const { return Pa{words[2] & DeviceEntry::kIttAddress}; }
    u16 collection() const { return static_cast<u16>(words[2]); }
    u64 processor() const { return bits<50, 16>(words[2]); }
    u64 second_processor() const { return bits<50, 16>(words[3]); }
    bool valid() const { return bit<63>(words[2]); }
  };
  struct CommandRow {
    u8 opcode;
    const char* name;
    Outcome (Its::*run)(const Command& command);
  };
  static std::span<const CommandRow> commands();

  // its_commands.cpp
  void run_queue();
  Outcome run_next();
  Outcome run(const Command& command);
  Outcome map_device(const Command& command);
  Outcome map_collection(const Command& command);
  Outcome map_interrupt(const Command& command);
  Outcome map_event(const Command& command);
  Outcome map(const Command& command, u32 intid);
  Outcome move(const Command& command);
  Outcome move_all(const Command& command);
  Outcome trigger(const Command& command);
  Outcome clear(const Command& command);
  Outcome discard(const Command& command);
  Outcome invalidate(const Command& command);
  Outcome invalidate_all(const Command& command);
  Outcome synchronise(const Command& command);

  /// A message: GITS_TRANSLATER.
  void translate(u32 device, u32 event);

  /// What tables say about an event: the entry and where it is, and the LPIs of the core that it goes to.
  struct Target {
    Pa at{};
    TranslationEntry entry;
    Lpis* lpis = nullptr;
  };
  template <class Entry>
  struct Found {
    std::optional<Entry> entry;
    bool failed = false;  ///< no memory answered
    Outcome otherwise() const { return failed ? Outcome::Stall : Outcome::Continue; }
  };
  template <class Entry>
  Found<Entry> look_up(const TableBase& table, u64 id);
  Found<Target> find(u32 device, u32 event);
  Lpis* lpis_of(u64 processor);
  /// The table entry of `id` gets `value`.
  Outcome store(const TableBase& table, u64 id, u64 value);
  Outcome store(Pa at, u64 value) {
    return memory_.write(at, kItsEntryBytes, value) ? Outcome::Continue : Outcome::Stall;
  }

  u64 queue_bytes() const { return (bits<7, 0>(queue_base_) + 1) * 0x1000; }

  Distributor& distributor_;
  MemoryPort& memory_;
  bool enabled_ = false;
  bool stalled_ = false;
  u64 queue_base_ = 0;   ///< GITS_CBASER
  u64 queue_write_ = 0;  ///< GITS_CWRITER.Offset, in bytes
  u64 queue_read_ = 0;   ///< GITS_CREADR.Offset, in bytes
  TableBase devices_{TableBase::Type::Devices, u64{1} << kDeviceBits};
  TableBase collections_{TableBase::Type::Collections, u64{1} << kCollectionBits};
};

}  // namespace tw::gic::v3
