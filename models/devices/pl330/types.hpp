// Words of the PL330 (DDI 0424, chapter 3) that registers and microcode share.
#pragma once

#include "base/bits.hpp"
#include "devices/pl330/config.hpp"

namespace tw::devices::pl330 {

/// A thread, and the AXI ID of its transactions: the channels count from 0.
inline constexpr unsigned kManager = kMostChannels;
inline constexpr unsigned kMostThreads = kMostChannels + 1;

/// CSRn.channel_status and DSR.dma_status.
enum class ThreadState : u8 {
  Stopped = 0,
  Executing = 1,
  CacheMiss = 2,
  WaitingForEvent = 4,
  AtBarrier = 5,
  WaitingForPeripheral = 7,
  Killing = 8,
  Completing = 9,
  FaultingCompleting = 14,
  Faulting = 15,
};

/// Bits of FTRn, and of FTRD.
namespace fault {
inline constexpr u32 kUndefined = 1u << 0;         ///< undef_instr
inline constexpr u32 kOperand = 1u << 1;           ///< operand_invalid
inline constexpr u32 kGo = 1u << 4;                ///< dmago_err
inline constexpr u32 kEvent = 1u << 5;             ///< mgr_evnt_err, ch_evnt_err
inline constexpr u32 kPeripheral = 1u << 6;        ///< ch_periph_err
inline constexpr u32 kSecureTransfer = 1u << 7;    ///< ch_rdwr_err
inline constexpr u32 kMfifo = 1u << 12;            ///< mfifo_err
inline constexpr u32 kDataUnavailable = 1u << 13;  ///< st_data_unavailable
inline constexpr u32 kFetch = 1u << 16;            ///< instr_fetch_err
inline constexpr u32 kWrite = 1u << 17;            ///< data_write_err
inline constexpr u32 kRead = 1u << 18;             ///< data_read_err
inline constexpr u32 kDebug = 1u << 30;            ///< dbg_instr
inline constexpr u32 kLockUp = 1u << 31;           ///< lockup_err
}  // namespace fault

/// One half of a CCR: how the bursts of one direction look.
struct BurstControl {
  bool increment = false;
  u32 beat_bytes = 1;
  u32 beats = 1;
  bool privileged = false;
  bool non_secure = false;
  bool instruction = false;
  u8 cache = 0;  ///< ARCACHE or AWCACHE

  /// The bytes of a burst that begins at `address`: the first beat, and each of a fixed burst, begins there and ends
  /// at the next multiple of its size (AMBA AXI, 9.3, 9.4).
  u32 bytes(u32 address) const {
    const u32 missing = address % beat_bytes;
    return increment ? beat_bytes * beats - missing : (beat_bytes - missing) * beats;
  }
  /// The address behind it.
  u32 next(u32 address) const { return increment ? address + bytes(address) : address; }
};

/// CCRn.
struct ChannelControl {
  /// The value after reset: bytes at fixed addresses, Non-secure.
  static constexpr u32 kReset = 0x0080'0200;

  u32 word = kReset;

  BurstControl source() const { return half(bits<13, 0>(word), false); }
  BurstControl destination() const { return half(bits<27, 14>(word), true); }
  /// Bytes whose order is turned round; 1 leaves them. Encodings above 16 bytes are reserved and do nothing.
  u32 swap_bytes() const { return bits<30, 28>(word) > 4 ? 1u : 1u << bits<30, 28>(word); }

 private:
  /// The bit that has no place is LOW: ARCACHE[3], AWCACHE[2].
  static BurstControl half(u64 field, bool write) {
    const auto cache = static_cast<u8>(bits<13, 11>(field));
    return {.increment = bit<0>(field),
            .beat_bytes = 1u << bits<3, 1>(field),
            .beats = static_cast<u32>(bits<7, 4>(field)) + 1,
            .privileged = bit<8>(field),
            .non_secure = bit<9>(field),
            .instruction = bit<10>(field),
            .cache = write ? static_cast<u8>((cache & 3) | (cache & 4) << 1) : cache};
  }
};

}  // namespace tw::devices::pl330
