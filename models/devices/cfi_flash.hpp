// NOR flash with the Common Flash Memory Interface and the Intel/Sharp extended command set (JEDEC JESD68.01, JEP137,
// command set 0x0001): two 16-bit chips side by side on a 32-bit bus, as on QEMU's virt machine.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/mmio.hpp"
#include "devices/ports.hpp"

namespace tw::devices {

class CfiFlash final : public MmioTarget {
 public:
  static constexpr unsigned kChips = 2;
  static constexpr u64 kSectorBytes = 256 * 1024;  ///< of the pair; each chip has half
  static constexpr unsigned kBufferWords = 1024;   ///< write buffer of one chip, 16-bit words

  /// `array` is the memory behind the flash: a power of two, at least one sector, kept alive by the caller. A debugger
  /// (and an image loader) may write it directly.
  CfiFlash(std::span<u8> array, FlashPort& port);

  MmioResult access(const MmioAccess& access) override;

  u64 size() const { return array_.size(); }
  /// Whether reads give the array: the platform may then read through host pointers. Writes never may.
  bool reads_are_direct() const { return direct_; }
  /// VPEN is low from now on: nothing can be programmed or erased.
  void protect() { protected_ = true; }
  /// RST#: read-array mode, status clear. The array keeps its contents.
  void reset();

 private:
  enum class Reads : u8 { Array, Status, Identification, Query };
  /// What the next write of a chip means.
  enum class Expects : u8 { Command, ProgramData, EraseConfirm, LockConfirm, BufferCount, BufferData, BufferConfirm };
  struct BufferedWord {
    u64 index;
    u16 value;
  };
  struct Chip {
    Reads reads = Reads::Array;
    Expects expects = Expects::Command;
    u8 status = 0;
    u64 sector = 0;  ///< of the buffered program
    unsigned words_left = 0;
    std::vector<BufferedWord> buffer;
  };

  u16 read_chip(const Chip& chip, unsigned lane, u64 word) const;
  void write_chip(Chip& chip, unsigned lane, u64 word, u16 value);
  void command(Chip& chip, u8 code);
  bool writable(Chip& chip, u8 error) const;
  void program(unsigned lane, u64 word, u16 value);
  void erase(unsigned lane, u64 word);
  u8 query(u64 word) const;
  u64 read_debug(u64 offset, unsigned size) const;
  static u64 byte_of(u64 word, unsigned lane) { return word * 4 + lane * 2; }
  u16 word_at(u64 word, unsigned lane) const;

  std::span<u8> array_;
  FlashPort& port_;
  std::array<Chip, kChips> chips_;
  bool direct_ = true;
  bool protected_ = false;
};

}  // namespace tw::devices
