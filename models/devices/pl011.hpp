// Arm PrimeCell UART PL011 (DDI 0183), revision r1p1 to r1p4: FIFOs of 16.
#pragma once

#include <array>
#include <deque>

#include "base/mmio.hpp"
#include "devices/ports.hpp"

namespace tw::devices {

class Pl011 final : public MmioTarget {
 public:
  static constexpr unsigned kFifoDepth = 16;
  /// UARTPeriphID0..3, UARTPCellID0..3 (DDI 0183, 3.3.15 and 3.3.16).
  static constexpr u8 kIdentification[8] = {0x11, 0x10, 0x14, 0x00, 0x0D, 0xF0, 0x05, 0xB1};

  Pl011(CharacterPort& transmit, InterruptOutput interrupt);

  MmioResult access(const MmioAccess& access) override;
  static std::span<const RegisterRow<Pl011>> rows();

  /// Whether a character that arrives now is taken without an overrun: the receiver is enabled and has room. The
  /// platform holds characters back while this is false.
  bool can_receive() const;
  /// A character arrives on the line. Lost when the receiver is disabled or looped back; an overrun when there is no
  /// room.
  void receive(u8 character);
  /// Called whenever room appears after can_receive() was false, so that a source can go on.
  void on_room(std::function<void()> callback) { room_ = std::move(callback); }
  /// nUARTRST: all registers to their reset values, FIFOs empty.
  void reset();

 private:
  bool receiver_enabled() const;
  unsigned capacity() const;
  unsigned receive_trigger() const;
  u64 flags() const;
  u64 modem_inputs() const;
  u64 read_data(bool debug);
  void write_data(u8 character);
  void push(u16 entry);
  void write_line_control(u64 value);
  void write_control(u64 value);
  void clear_interrupts(u64 value);
  void raise_modem_changes(u64 before);
  void update();

  CharacterPort& transmit_;
  InterruptOutput interrupt_;
  std::function<void()> room_;
  bool level_ = false;

  std::deque<u16> fifo_;  ///< receive: character in [7:0], errors in [11:8]
  u8 receive_status_ = 0;
  u8 low_power_ = 0;
  u16 integer_divisor_ = 0;
  u8 fractional_divisor_ = 0;
  u8 line_control_ = 0;
  u16 control_ = 0;
  u8 fifo_levels_ = 0;
  u16 mask_ = 0;
  u16 raw_ = 0;
  u8 dma_control_ = 0;
};

}  // namespace tw::devices
