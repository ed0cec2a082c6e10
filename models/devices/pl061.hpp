// Arm PrimeCell General Purpose Input/Output PL061 (DDI 0190): eight pins.
#pragma once

#include "base/mmio.hpp"
#include "devices/ports.hpp"

namespace tw::devices {

class Pl061 final : public MmioTarget {
 public:
  static constexpr unsigned kPins = 8;
  /// GPIOPeriphID0..3, GPIOPCellID0..3 (DDI 0190, 3.3.12 to 3.3.19).
  static constexpr u8 kIdentification[8] = {0x61, 0x10, 0x04, 0x00, 0x0D, 0xF0, 0x05, 0xB1};

  /// A pin that software drives: called when its level changes, and with `level` false when it stops driving.
  using PinOutput = std::function<void(unsigned pin, bool level)>;

  explicit Pl061(InterruptOutput interrupt, PinOutput output = {});

  MmioResult access(const MmioAccess& access) override;
  static std::span<const RegisterRow<Pl061>> rows();

  /// The outside drives a pin. Pins that nobody ever drove are low.
  void set_input(unsigned pin, bool level);
  void reset();

 private:
  u8 pins() const { return static_cast<u8>((driven_ & direction_) | (inputs_ & ~direction_)); }
  u8 raw() const;
  void changed(u8 before);
  void drive();

  InterruptOutput interrupt_;
  PinOutput output_;
  bool level_ = false;
  u8 outside_ = 0;  ///< pins as the outputs last told

  u8 inputs_ = 0;  ///< levels from outside
  u8 driven_ = 0;  ///< GPIODATA as written
  u8 direction_ = 0;
  u8 sense_ = 0;
  u8 both_edges_ = 0;
  u8 event_ = 0;
  u8 enable_ = 0;
  u8 edges_ = 0;  ///< detected and not yet cleared
  u8 alternate_ = 0;
};

}  // namespace tw::devices
