#include "devices/cfi_flash.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "base/bits.hpp"

namespace tw::devices {
namespace {

// Commands (JEP137 command set 0x0001; Intel 28FxxxJ3 data sheet, table "Command set").
constexpr u8 kReadArray = 0xFF, kReadIdentification = 0x90, kReadQuery = 0x98, kReadStatus = 0x70, kClearStatus = 0x50,
             kProgram = 0x40, kProgramAlternate = 0x10, kBlockErase = 0x20, kBufferedProgram = 0xE8, kLockSetup = 0x60,
             kSuspend = 0xB0, kConfirm = 0xD0;

// Status register.
constexpr u8 kReady = 0x80, kEraseError = 0x20, kProgramError = 0x10, kVoltageError = 0x08;
constexpr u8 kSequenceError = kEraseError | kProgramError;

constexpr u16 kManufacturer = 0x0089;
constexpr u16 kDevice = 0x0018;

constexpr u64 kChipSectorBytes = CfiFlash::kSectorBytes / CfiFlash::kChips;
constexpr u64 kSectorWords = kChipSectorBytes / 2;

}  // namespace

CfiFlash::CfiFlash(std::span<u8> array, FlashPort& port) : array_(array), port_(port) {
  if (!std::has_single_bit(array.size()) || array.size() < kSectorBytes) {
    throw std::invalid_argument("a flash is a power of two of bytes, at least one sector");
  }
  reset();
}

void CfiFlash::reset() {
  for (Chip& chip : chips_) {
    chip = Chip{};
    chip.status = kReady;
  }
  if (!direct_) port_.direct_reads(direct_ = true);
}

u16 CfiFlash::word_at(u64 word, unsigned lane) const {
  u16 value;
  std::memcpy(&value, array_.data() + byte_of(word, lane), sizeof value);
  return value;
}

/// The CFI query structure of one chip, by word address (JESD68.01, tables 3 to 6).
u8 CfiFlash::query(u64 word) const {
  const u64 chip_bytes = array_.size() / kChips;
  const u64 sectors = array_.size() / kSectorBytes;
  switch (word) {
    case 0x10:
      return 'Q';
    case 0x11:
      return 'R';
    case 0x12:
      return 'Y';
    case 0x13:
      return 0x01;  // primary command set 0x0001
    case 0x15:
      return 0x31;  // its table
    case 0x1B:
      return 0x45;  // Vcc minimum 4.5 V
    case 0x1C:
      return 0x55;  // Vcc maximum 5.5 V
    case 0x1F:
      return 7;  // typical time of a word program, 2^n µs
    case 0x20:
      return 7;  // of a buffered program
    case 0x21:
      return 10;  // of a block erase, 2^n ms
    case 0x23:
      return 4;  // maximum times, 2^n typical ones
    case 0x24:
      return 4;
    case 0x25:
      return 4;
    case 0x27:
      return static_cast<u8>(std::countr_zero(chip_bytes));
    case 0x28:
      return 0x01;  // interface: x16
    case 0x2A:
      return static_cast<u8>(std::countr_zero(kBufferWords * 2));
    case 0x2C:
      return 1;  // one erase region
    case 0x2D:
      return static_cast<u8>(sectors - 1);
    case 0x2E:
      return static_cast<u8>((sectors - 1) >> 8);
    case 0x2F:
      return static_cast<u8>(kChipSectorBytes / 256);
    case 0x30:
      return static_cast<u8>(kChipSectorBytes / 256 >> 8);
    case 0x31:
      return 'P';  // primary extended table 1.0, no optional feature
    case 0x32:
      return 'R';
    case 0x33:
      return 'I';
    case 0x34:
      return '1';
    case 0x35:
      return '0';
    default:
      return 0;
  }
}

u16 CfiFlash::read_chip(const Chip& chip, unsigned lane, u64 word) const {
  switch (chip.reads) {
    case Reads::Array:
      return word_at(word, lane);
    case Reads::Status:
      return chip.status;
    case Reads::Query:
      // The query table repeats in every block, as the identification does.
      return query(word & 0xFF);
    case Reads::Identification:
      switch (word & 0xFF) {
        case 0:
          return kManufacturer;
        case 1:
          return kDevice;
        default:
          return 0;  // 2: the block is not locked
      }
  }
  return 0;
}

void CfiFlash::command(Chip& chip, u8 code) {
  switch (code) {
    case kReadIdentification:
      chip.reads = Reads::Identification;
      break;
    case kReadQuery:
      chip.reads = Reads::Query;
      break;
    case kReadStatus:
    case kSuspend:
    case kConfirm:  // resume: nothing is ever suspended
      chip.reads = Reads::Status;
      break;
    case kClearStatus:
      chip.status = kReady;
      break;
    case kProgram:
    case kProgramAlternate:
      chip.expects = Expects::ProgramData;
      chip.reads = Reads::Status;
      break;
    case kBlockErase:
      chip.expects = Expects::EraseConfirm;
      chip.reads = Reads::Status;
      break;
    case kLockSetup:
      chip.expects = Expects::LockConfirm;
      chip.reads = Reads::Status;
      break;
    case kBufferedProgram:
      chip.expects = Expects::BufferCount;
      chip.reads = Reads::Status;
      break;
    case kReadArray:
    default:  // an unknown command, such as the AMD reset 0xF0 of a probe, ends in read-array mode
      chip.reads = Reads::Array;
      break;
  }
}

bool CfiFlash::writable(Chip& chip, u8 error) const {
  if (protected_) chip.status |= static_cast<u8>(error | kVoltageError);
  return !protected_;
}

/// Programming clears bits and sets none; the chip reports no error for a one over a zero (28FxxxJ3, "Program").
void CfiFlash::program(unsigned lane, u64 word, u16 value) {
  const u16 result = word_at(word, lane) & value;
  std::memcpy(array_.data() + byte_of(word, lane), &result, sizeof result);
  port_.content_changed(byte_of(word, lane), sizeof result);
}

void CfiFlash::erase(unsigned lane, u64 word) {
  const u64 first = word / kSectorWords * kSectorWords;
  for (u64 i = first; i < first + kSectorWords; ++i) std::memset(array_.data() + byte_of(i, lane), 0xFF, 2);
  port_.content_changed(first * 4, kSectorBytes);
}

void CfiFlash::write_chip(Chip& chip, unsigned lane, u64 word, u16 value) {
  const u8 code = static_cast<u8>(value);
  const Expects expected = chip.expects;
  chip.expects = Expects::Command;
  switch (expected) {
    case Expects::Command:
      command(chip, code);
      break;
    case Expects::ProgramData:
      if (writable(chip, kProgramError)) program(lane, word, value);
      break;
    case Expects::EraseConfirm:
      if (code == kConfirm) {
        if (writable(chip, kEraseError)) erase(lane, word);
      } else {
        chip.status |= kSequenceError;
      }
      break;
    case Expects::LockConfirm:
      // Lock, lock down, unlock: accepted; blocks are never locked. Anything else is no sequence.
      if (code != kConfirm && code != 0x01 && code != 0x2F) chip.status |= kSequenceError;
      break;
    case Expects::BufferCount:
      if (value >= kBufferWords) {
        chip.status |= kSequenceError;
        break;
      }
      chip.words_left = value + 1u;
      chip.sector = word / kSectorWords;
      chip.buffer.clear();
      chip.expects = Expects::BufferData;
      break;
    case Expects::BufferData:
      if (word / kSectorWords != chip.sector) {
        chip.status |= kSequenceError;
        break;
      }
      chip.buffer.push_back({word, value});
      chip.expects = --chip.words_left == 0 ? Expects::BufferConfirm : Expects::BufferData;
      break;
    case Expects::BufferConfirm:
      if (code != kConfirm) {
        chip.status |= kSequenceError;
        break;
      }
      if (!writable(chip, kProgramError)) break;
      for (const BufferedWord& buffered : chip.buffer) program(lane, buffered.index, buffered.value);
      break;
  }
}

u64 CfiFlash::read_debug(u64 offset, unsigned size) const {
  u64 value = 0;
  std::memcpy(&value, array_.data() + offset, size);
  return value;
}

MmioResult CfiFlash::access(const MmioAccess& access) {
  if (access.size == 0 || access.size > 8 || access.size > array_.size() ||
      access.offset > array_.size() - access.size) {
    return {.value = 0, .ok = false};
  }
  if (access.debug) {
    if (!access.write) return {.value = read_debug(access.offset, access.size), .ok = true};
    std::memcpy(array_.data() + access.offset, &access.value, access.size);
    port_.content_changed(access.offset, access.size);
    return {};
  }
  // The access byte by byte, cut where the lane of 16 bits changes.
  u64 result = 0;
  for (unsigned done = 0; done < access.size;) {
    const u64 offset = access.offset + done;
    const unsigned lane = offset >> 1 & 1;
    const u64 word = offset >> 2;
    const unsigned shift = (offset & 1) * 8;
    const unsigned bytes = std::min<unsigned>(access.size - done, 2 - (offset & 1));
    Chip& chip = chips_[lane];
    if (access.write) {
      const u16 data = static_cast<u16>(bit_field(access.value, done * 8, bytes * 8) << shift);
      // A byte that is not driven is all ones when programmed, and no part of a command.
      const u16 undriven = static_cast<u16>(~(low_mask(bytes * 8) << shift));
      const bool is_data = chip.expects == Expects::ProgramData || chip.expects == Expects::BufferData;
      write_chip(chip, lane, word, is_data ? data | undriven : data);
    } else {
      const u64 value = read_chip(chip, lane, word) >> shift & low_mask(bytes * 8);
      result |= value << (done * 8);
    }
    done += bytes;
  }
  const bool direct = std::ranges::all_of(chips_, [](const Chip& chip) { return chip.reads == Reads::Array; });
  if (direct != direct_) port_.direct_reads(direct_ = direct);
  return {.value = result, .ok = true};
}

}  // namespace tw::devices
