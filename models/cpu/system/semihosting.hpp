// Arm semihosting for AArch64 (Semihosting for AArch32 and AArch64, Release 2.0): console, files read-only below one
// folder, clock, exit. HLT #0xF000 with the operation in w0 and its parameter in x1.
#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cpu/cpu.hpp"

namespace tw::cpu {

struct SemihostingConfig {
  std::filesystem::path folder;  ///< files below it may be opened for reading; empty: none
  std::string command_line;      ///< SYS_GET_CMDLINE
  u64 heap_base = 0, heap_limit = 0, stack_base = 0, stack_limit = 0;  ///< SYS_HEAPINFO; zeroes: the program decides
};

/// What semihosting needs from the platform.
class SemihostingPort {
 public:
  virtual ~SemihostingPort() = default;
  virtual void console_write(std::string_view text) = 0;
  /// The next byte of console input, or -1 at its end.
  virtual int console_read() = 0;
  /// The program has ended with this status (0: success).
  virtual void exit(int status) = 0;
  /// Simulated time since the start.
  virtual u64 nanoseconds() = 0;
};

class Semihosting final {
 public:
  Semihosting(SemihostingConfig config, SemihostingPort& port);

  /// For SystemPort::semihosting_call: serves the call in cpu.x[0], x[1]; the result is in x[0].
  void call(Cpu& cpu);

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  /// An open handle: the console, or a file.
  struct Handle {
    bool open = false;
    bool console = false;
    std::unique_ptr<std::FILE, CloseFile> file;
    u64 length = 0;
  };

  u64 serve(Cpu& cpu, u32 operation, u64 parameter);
  u64 open(Cpu& cpu, u64 parameter);
  u64 read(Cpu& cpu, u64 parameter);
  u64 write(Cpu& cpu, u64 parameter);
  u64 write_string(Cpu& cpu, u64 address);
  u64 command_line(Cpu& cpu, u64 parameter);
  u64 heap_info(Cpu& cpu, u64 parameter);
  void leave(Cpu& cpu, u64 reason, u64 status);
  Handle* handle(u64 number);
  u64 fail(int error);

  SemihostingConfig config_;
  SemihostingPort& port_;
  std::vector<Handle> handles_;
  int errno_ = 0;
};

}  // namespace tw::cpu
