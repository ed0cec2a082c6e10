// Memory and translations as a debugger sees them: through the tables as they are now, without time, statistics, TLBs
// or an effect on a device.
#pragma once

#include <vector>

#include "platforms/control/target.hpp"
#include "platforms/virt/platform.hpp"

namespace tw::virt {

/// All throw UserError. Memory that only Secure accesses reach is out of sight.
class DebugMemory final {
 public:
  explicit DebugMemory(Platform& platform) : platform_(platform) {}

  std::vector<u8> read(const control::View& view, u64 address, u64 bytes);
  /// All or nothing. Devices take no such writes.
  void write(const control::View& view, u64 address, const std::vector<u8>& bytes);
  control::Translation translate(const control::View& view, u64 address, control::AccessType access);

 private:
  /// Where [address, address + bytes) lies, in pieces that do not cross a page.
  struct Piece {
    Pa at;
    u64 bytes;
  };
  std::vector<Piece> pieces(const control::View& view, u64 address, u64 bytes);

  Platform& platform_;
};

}  // namespace tw::virt
