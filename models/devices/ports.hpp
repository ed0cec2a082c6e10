// What the devices need from the platform.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "base/types.hpp"

namespace tw::devices {

/// Where a UART sends its characters: the terminal, a file, a socket.
class CharacterPort {
 public:
  virtual ~CharacterPort() = default;
  virtual void put(u8 character) = 0;
};

/// An interrupt output, as a level. Called when the level changes, possibly from inside an access.
using InterruptOutput = std::function<void(bool level)>;

/// Simulated time for the real-time clock: whole seconds since the start of the run. Never goes back.
class SecondsPort {
 public:
  virtual ~SecondsPort() = default;
  virtual u64 seconds() const = 0;
};

/// What the platform must know about a flash, whose bytes it may give out as host pointers.
class FlashPort {
 public:
  virtual ~FlashPort() = default;
  /// The array can (cannot) be read directly from now on: outside read-array mode a read gives status or
  /// identification, so host pointers and decoded code of the whole device must be dropped.
  virtual void direct_reads(bool allowed) = 0;
  /// Bytes of the array were programmed or erased.
  virtual void content_changed(u64 offset, u64 bytes) = 0;
};

/// Memory as a device that is a DMA master sees it. False: the bus refused (nothing is there, or an SMMU said no); what
/// was read is then undefined, what was written may be so in part.
class DmaPort {
 public:
  virtual ~DmaPort() = default;
  [[nodiscard]] virtual bool read(Iova address, std::span<u8> into) = 0;
  [[nodiscard]] virtual bool write(Iova address, std::span<const u8> from) = 0;
};

/// One line for the user about something that concerns the host: an image that shrank, a disk that is full.
using Warn = std::function<void(std::string_view message)>;

}  // namespace tw::devices
