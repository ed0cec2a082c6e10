// Arm PrimeCell Real Time Clock PL031 (DDI 0224).
#pragma once

#include "base/mmio.hpp"
#include "devices/config.hpp"
#include "devices/ports.hpp"

namespace tw::devices {

class Pl031 final : public MmioTarget {
 public:
  /// RTCPeriphID0..3, RTCPCellID0..3 (DDI 0224, 3.3.9 and 3.3.10).
  static constexpr u8 kIdentification[8] = {0x31, 0x10, 0x14, 0x00, 0x0D, 0xF0, 0x05, 0xB1};

  Pl031(const Config& config, const SecondsPort& time, InterruptOutput interrupt);

  MmioResult access(const MmioAccess& access) override;
  static std::span<const RegisterRow<Pl031>> rows();

  /// Looks at the time: raises the interrupt when the match has passed. Called by the shell at next_match(), and by
  /// every access.
  void update();
  /// The time of SecondsPort at which the counter will next equal RTCMR. Always in the future after update().
  u64 next_match() const { return match_at_; }
  void reset();

 private:
  u32 counter() const;
  void schedule();
  void drive();

  const u64 base_;
  const SecondsPort& time_;
  InterruptOutput interrupt_;
  bool level_ = false;

  u32 offset_ = 0;  ///< counter = seconds + offset_
  u32 match_ = 0;
  u32 load_ = 0;
  u64 match_at_ = 0;
  bool mask_ = false;
  bool raw_ = false;
};

}  // namespace tw::devices
