// The TLM shell of the PL011: characters arrive at the pace of the line.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include <systemc>

#include "devices/config.hpp"
#include "devices/pl011.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::devices {

/// What the other end of the line may send.
enum class Characters : u8 {
  None,
  Known,    ///< one waits
  Unknown,  ///< one may come at any time: ask again and again
};

/// The other end of the serial line.
struct UartLine {
  std::function<void(u8)> put;
  std::function<std::optional<u8>()> next;  ///< the next character for the guest
  std::function<Characters()> expected;     ///< asked after every access
};

class UartModule final : public sc_core::sc_module, private CharacterPort {
 public:
  static constexpr u64 kFrameBytes = 0x1000;
  /// How often a line from which characters may come at any time is asked for them, in simulated time.
  static constexpr std::chrono::milliseconds kPollMilliseconds{1};

  UartModule(sc_core::sc_module_name name, const tlm::MmioTiming& timing, UartLine line, InterruptOutput interrupt);
  auto& socket() { return frame_.socket; }
  /// The other end of the line may send what it could not before.
  void arrange_input();

 private:
  void put(u8 character) override { line_.put(character); }
  void receive();

  UartLine line_;
  Pl011 core_;
  tlm::MmioModule frame_;
  sc_core::sc_event input_event_;
};

}  // namespace tw::devices
