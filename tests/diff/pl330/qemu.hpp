// QEMU's model of the PL330 as an oracle: that of its Zynq board, reached through the qtest protocol (QEMU's
// docs/devel/testing: "readl ADDRESS", "write ADDRESS SIZE DATA") while its processor turns in a loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/types.hpp"

namespace tw::test {

class Pl330Qemu final {
 public:
  /// nullptr: there is no qemu-system-arm.
  static std::unique_ptr<Pl330Qemu> start();
  ~Pl330Qemu();
  Pl330Qemu(const Pl330Qemu&) = delete;
  Pl330Qemu& operator=(const Pl330Qemu&) = delete;

  u32 read(u64 offset);
  void write(u64 offset, u32 value);
  std::vector<u8> memory(u32 address, u32 bytes);
  void set_memory(u32 address, const std::vector<u8>& bytes);

 private:
  Pl330Qemu() = default;
  std::string command(const std::string& text);

  int process_ = -1;
  int to_ = -1, from_ = -1;
  std::string folder_;
  std::string buffer_;
};

}  // namespace tw::test
