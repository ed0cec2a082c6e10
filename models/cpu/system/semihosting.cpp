#include "cpu/system/semihosting.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "cpu/system/guest_memory.hpp"

namespace tw::cpu {
namespace {

enum Operation : u32 {
  kOpen = 0x01,
  kClose = 0x02,
  kWriteC = 0x03,
  kWrite0 = 0x04,
  kWrite = 0x05,
  kRead = 0x06,
  kReadC = 0x07,
  kIsError = 0x08,
  kIsTty = 0x09,
  kSeek = 0x0A,
  kFlen = 0x0C,
  kClock = 0x10,
  kTime = 0x11,
  kErrno = 0x13,
  kGetCmdline = 0x15,
  kHeapInfo = 0x16,
  kExit = 0x18,
  kExitExtended = 0x20,
  kElapsed = 0x30,
  kTickFreq = 0x31,
};

constexpr u64 kError = ~u64{0};
constexpr u64 kApplicationExit = 0x20026;  // ADP_Stopped_ApplicationExit
constexpr u64 kNanosecondsPerCentisecond = 10'000'000;
constexpr u64 kNanosecondsPerSecond = 1'000'000'000;
/// Bounds what one call may make the host do; longer transfers are served in part, as the specification allows.
constexpr u64 kLongestTransfer = 1 << 20;
constexpr u64 kLongestString = 4096;
constexpr std::size_t kMostHandles = 64;

/// `N` doublewords of the parameter block.
template <std::size_t N>
std::optional<std::array<u64, N>> block(Cpu& cpu, u64 address) {
  std::array<u64, N> words;
  if (!read_guest(cpu, address, {reinterpret_cast<u8*>(words.data()), sizeof words})) return std::nullopt;
  return words;
}

std::optional<std::string> text(Cpu& cpu, u64 address, u64 length) {
  if (length > kLongestString) return std::nullopt;
  std::string value(length, '\0');
  if (!read_guest(cpu, address, {reinterpret_cast<u8*>(value.data()), value.size()})) return std::nullopt;
  return value;
}

/// Whether `path`, with links resolved, lies below `folder`.
bool is_below(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const auto [end, unused] = std::ranges::mismatch(folder, path);
  return end == folder.end();
}

}  // namespace

Semihosting::Semihosting(SemihostingConfig config, SemihostingPort& port) : config_(std::move(config)), port_(port) {}

void Semihosting::call(Cpu& cpu) { cpu.x[0] = serve(cpu, static_cast<u32>(cpu.x[0]), cpu.x[1]); }

u64 Semihosting::fail(int error) {
  errno_ = error;
  return kError;
}

Semihosting::Handle* Semihosting::handle(u64 number) {
  if (number == 0 || number > handles_.size() || !handles_[number - 1].open) return nullptr;
  return &handles_[number - 1];
}

u64 Semihosting::serve(Cpu& cpu, u32 operation, u64 parameter) {
  switch (operation) {
    case kOpen:
      return open(cpu, parameter);
    case kClose: {
      const auto words = block<1>(cpu, parameter);
      Handle* const file = words ? handle((*words)[0]) : nullptr;
      if (file == nullptr) return fail(EBADF);
      *file = {};
      return 0;
    }
    case kWriteC: {
      u8 byte = 0;
      if (!read_guest(cpu, parameter, {&byte, 1})) return fail(EFAULT);
      const char character = static_cast<char>(byte);
      port_.console_write({&character, 1});
      return 0;
    }
    case kWrite0:
      return write_string(cpu, parameter);
    case kWrite:
      return write(cpu, parameter);
    case kRead:
      return read(cpu, parameter);
    case kReadC:
      return static_cast<u64>(static_cast<i64>(port_.console_read()));
    case kIsError: {
      const auto words = block<1>(cpu, parameter);
      return words && static_cast<i64>((*words)[0]) < 0 ? 1 : 0;
    }
    case kIsTty: {
      const auto words = block<1>(cpu, parameter);
      Handle* const file = words ? handle((*words)[0]) : nullptr;
      if (file == nullptr) return fail(EBADF);
      return file->console ? 1 : 0;
    }
    case kSeek: {
      const auto words = block<2>(cpu, parameter);
      Handle* const file = words ? handle((*words)[0]) : nullptr;
      if (file == nullptr || file->console) return fail(EBADF);
      const u64 position = (*words)[1];
      if (position > file->length) return fail(EINVAL);
      return std::fseek(file->file.get(), static_cast<long>(position), SEEK_SET) == 0 ? 0 : fail(errno);
    }
    case kFlen: {
      const auto words = block<1>(cpu, parameter);
      Handle* const file = words ? handle((*words)[0]) : nullptr;
      if (file == nullptr) return fail(EBADF);
      return file->length;
    }
    case kClock:
      return port_.nanoseconds() / kNanosecondsPerCentisecond;
    case kTime:
      return port_.nanoseconds() / kNanosecondsPerSecond;  // simulated: the epoch is the start of the run
    case kErrno:
      return static_cast<u64>(errno_);
    case kGetCmdline:
      return command_line(cpu, parameter);
    case kHeapInfo:
      return heap_info(cpu, parameter);
    case kExit:
    case kExitExtended: {
      const auto words = block<2>(cpu, parameter);
      if (!words) return fail(EFAULT);
      leave(cpu, (*words)[0], (*words)[1]);
      return 0;
    }
    case kElapsed: {
      const u64 now = port_.nanoseconds();
      if (!write_guest(cpu, parameter, {reinterpret_cast<const u8*>(&now), sizeof now})) return fail(EFAULT);
      return 0;
    }
    case kTickFreq:
      return kNanosecondsPerSecond;
    default:
      return fail(ENOSYS);
  }
}

u64 Semihosting::open(Cpu& cpu, u64 parameter) {
  const auto words = block<3>(cpu, parameter);
  if (!words) return fail(EFAULT);
  const auto [address, mode, length] = *words;
  const auto name = text(cpu, address, length);
  if (!name) return fail(EFAULT);
  if (mode > 11) return fail(EINVAL);

  Handle opened;
  opened.open = true;
  if (*name == ":tt") {
    opened.console = true;
  } else {
    // Modes 0 and 1 are "r" and "rb"; the guest may change nothing of the host.
    if (mode > 1 || config_.folder.empty()) return fail(EACCES);
    std::error_code problem;
    const auto folder = std::filesystem::canonical(config_.folder, problem);
    if (problem) return fail(ENOENT);
    const auto path = std::filesystem::canonical(folder / *name, problem);
    if (problem || !is_below(path, folder)) return fail(ENOENT);
    if (!std::filesystem::is_regular_file(path, problem)) return fail(EACCES);
    opened.file.reset(std::fopen(path.c_str(), "rb"));
    if (!opened.file) return fail(errno);
    opened.length = std::filesystem::file_size(path, problem);
    if (problem) return fail(EIO);
  }
  const auto free = std::ranges::find(handles_, false, &Handle::open);
  if (free != handles_.end()) {
    *free = std::move(opened);
    return static_cast<u64>(free - handles_.begin()) + 1;
  }
  if (handles_.size() == kMostHandles) return fail(EMFILE);
  handles_.push_back(std::move(opened));
  return handles_.size();
}

/// Returns the number of bytes that were not read: zero is success, all of them is end of file.
u64 Semihosting::read(Cpu& cpu, u64 parameter) {
  const auto words = block<3>(cpu, parameter);
  Handle* const file = words ? handle((*words)[0]) : nullptr;
  if (file == nullptr) return fail(EBADF);
  const auto [number, address, length] = *words;
  std::vector<u8> bytes(std::min(length, kLongestTransfer));
  std::size_t got = 0;
  if (file->console) {
    for (int byte; got < bytes.size() && (byte = port_.console_read()) >= 0;) {
      bytes[got++] = static_cast<u8>(byte);
      if (byte == '\n') break;
    }
  } else {
    got = std::fread(bytes.data(), 1, bytes.size(), file->file.get());
  }
  if (!write_guest(cpu, address, {bytes.data(), got})) return fail(EFAULT);
  return length - got;
}

/// Returns the number of bytes that were not written.
u64 Semihosting::write(Cpu& cpu, u64 parameter) {
  const auto words = block<3>(cpu, parameter);
  Handle* const file = words ? handle((*words)[0]) : nullptr;
  if (file == nullptr || !file->console) return fail(EBADF);
  const auto [number, address, length] = *words;
  std::string bytes(std::min(length, kLongestTransfer), '\0');
  if (!read_guest(cpu, address, {reinterpret_cast<u8*>(bytes.data()), bytes.size()})) return fail(EFAULT);
  port_.console_write(bytes);
  return length - bytes.size();
}

u64 Semihosting::write_string(Cpu& cpu, u64 address) {
  std::string bytes;
  for (u8 byte = 0; bytes.size() < kLongestTransfer; bytes += static_cast<char>(byte)) {
    if (!read_guest(cpu, address + bytes.size(), {&byte, 1})) return fail(EFAULT);
    if (byte == 0) break;
  }
  port_.console_write(bytes);
  return 0;
}

u64 Semihosting::command_line(Cpu& cpu, u64 parameter) {
  const auto words = block<2>(cpu, parameter);
  if (!words) return fail(EFAULT);
  const auto [address, capacity] = *words;
  const u64 size = config_.command_line.size();
  if (capacity < size + 1) return fail(E2BIG);
  const std::span<const u8> bytes{reinterpret_cast<const u8*>(config_.command_line.c_str()), size + 1};
  const bool written = write_guest(cpu, address, bytes) &&
                       write_guest(cpu, parameter + 8, {reinterpret_cast<const u8*>(&size), sizeof size});
  return written ? 0 : fail(EFAULT);
}

u64 Semihosting::heap_info(Cpu& cpu, u64 parameter) {
  const auto words = block<1>(cpu, parameter);
  if (!words) return fail(EFAULT);
  const u64 values[] = {config_.heap_base, config_.heap_limit, config_.stack_base, config_.stack_limit};
  return write_guest(cpu, (*words)[0], {reinterpret_cast<const u8*>(values), sizeof values}) ? 0 : fail(EFAULT);
}

/// A reason other than the program's own exit is a failure whatever the status.
void Semihosting::leave(Cpu& cpu, u64 reason, u64 status) {
  cpu.request_exit();
  port_.exit(reason == kApplicationExit ? static_cast<int>(status & 0xFF) : 1);
}

}  // namespace tw::cpu
