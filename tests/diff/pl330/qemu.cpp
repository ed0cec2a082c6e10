#include "diff/pl330/qemu.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tw::test {

namespace {

constexpr u64 kFrame = 0xF800'3000;
constexpr u32 kBranchToItself = 0xEAFF'FFFE;

}  // namespace

std::unique_ptr<Pl330Qemu> Pl330Qemu::start() {
  if (std::system("command -v qemu-system-arm >/dev/null") != 0) return nullptr;
  std::unique_ptr<Pl330Qemu> qemu(new Pl330Qemu);
  char folder[] = "/tmp/trapwalk-pl330-XXXXXX";
  if (mkdtemp(folder) == nullptr) throw std::runtime_error("mkdtemp");
  qemu->folder_ = folder;
  const std::string loop = qemu->folder_ + "/loop";
  std::ofstream(loop, std::ios::binary).write(reinterpret_cast<const char*>(&kBranchToItself), sizeof kBranchToItself);

  std::array<int, 2> in{}, out{};
  if (pipe(in.data()) != 0 || pipe(out.data()) != 0) throw std::runtime_error("pipe");
  qemu->process_ = fork();
  if (qemu->process_ == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    for (const int end : {in[0], in[1], out[0], out[1]}) close(end);
    const std::string device = "loader,addr=0,file=" + loop;
    execlp("qemu-system-arm", "qemu-system-arm", "-M", "xilinx-zynq-a9", "-m", "128M", "-display", "none",
           "-nodefaults", "-monitor", "none", "-serial", "none", "-device", device.c_str(), "-qtest", "stdio",
           "-qtest-log", "/dev/null", "-d", "guest_errors", "-D", "/dev/null", static_cast<char*>(nullptr));
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  qemu->to_ = in[1];
  qemu->from_ = out[0];
  return qemu;
}

Pl330Qemu::~Pl330Qemu() {
  close(to_);
  close(from_);
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  std::remove((folder_ + "/loop").c_str());
  rmdir(folder_.c_str());
}

/// What comes behind "OK".
std::string Pl330Qemu::command(const std::string& text) {
  const std::string line = text + "\n";
  if (::write(to_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) throw std::runtime_error("qtest");
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end == std::string::npos) {
      std::array<char, 4096> more{};
      const ssize_t got = ::read(from_, more.data(), more.size());
      if (got <= 0) throw std::runtime_error("QEMU ended");
      buffer_.append(more.data(), static_cast<std::size_t>(got));
      continue;
    }
    const std::string answer = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    if (answer.starts_with("IRQ")) continue;
    if (!answer.starts_with("OK")) throw std::runtime_error("qtest: " + answer);
    return answer.size() > 3 ? answer.substr(3) : "";
  }
}

u32 Pl330Qemu::read(u64 offset) {
  return static_cast<u32>(std::stoull(command(fmt::format("readl {:#x}", kFrame + offset)), nullptr, 16));
}

void Pl330Qemu::write(u64 offset, u32 value) { command(fmt::format("writel {:#x} {:#x}", kFrame + offset, value)); }

std::vector<u8> Pl330Qemu::memory(u32 address, u32 bytes) {
  const std::string digits = command(fmt::format("read {:#x} {:#x}", address, bytes)).substr(2);
  std::vector<u8> result;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    result.push_back(static_cast<u8>(std::stoul(digits.substr(i, 2), nullptr, 16)));
  }
  return result;
}

void Pl330Qemu::set_memory(u32 address, const std::vector<u8>& bytes) {
  std::string digits;
  for (const u8 byte : bytes) digits += fmt::format("{:02x}", byte);
  command(fmt::format("write {:#x} {:#x} 0x{}", address, bytes.size(), digits));
}

}  // namespace tw::test
