#include "sc_main/progress.hpp"

#include <cstdio>

#include <fmt/format.h>

namespace tw::command {

namespace {

constexpr double kInterval = 0.5;        ///< seconds of the host
constexpr unsigned kSlicesPerLook = 64;  ///< the host's clock is not read after every slice

}  // namespace

Progress::Progress(sc_core::sc_module_name name, virt::Platform& platform, console::Console& console, bool visible)
    : sc_module(name), platform_(platform), console_(console), visible_(visible) {
  if (visible_) console_.before_output([this] { erase(); });
}

void Progress::erase() {
  if (!printed_) return;
  printed_ = false;
  fmt::print(stderr, "\r\x1B[K");
  std::fflush(stderr);
}

void Progress::update(const cpu::Cpu& cpu) {
  if (!visible_ || ++slices_ % kSlicesPerLook != 0) return;
  const auto now = HostClock::now();
  if (std::chrono::duration<double>(now - last_).count() < kInterval) return;
  last_ = now;
  if (!console_.terminal_is_free()) return;
  console_.flush();
  printed_ = true;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const double instructions = static_cast<double>(platform_.control().instructions());
  const cost::Context context = cpu.ledger.context();
  fmt::print(stderr, "\r\x1B[K{:.1f} M instructions, {:.0f} MIPS, {:.6f} s simulated, cpu{} EL{}{}", instructions / 1e6,
             instructions / seconds / 1e6, sc_core::sc_time_stamp().to_seconds(), cpu.index, index(context.el),
             context.guest ? fmt::format(" VMID {}", context.vmid.value) : "");
  std::fflush(stderr);
}

void Progress::hide() {
  erase();
  visible_ = false;
}

void Progress::finish() {
  seconds_ = std::chrono::duration<double>(HostClock::now() - started_).count();
  close_phase(platform_.control().instructions());
  erase();
}

void Progress::phase(region::Phase which, u64 instructions) {
  close_phase(instructions);
  phase_ = which;
}

void Progress::close_phase(u64 instructions) {
  const auto now = HostClock::now();
  Share& share = shares_[static_cast<unsigned>(phase_)];
  share.seconds += std::chrono::duration<double>(now - phase_began_).count();
  share.instructions += instructions - phase_first_;
  phase_began_ = now;
  phase_first_ = instructions;
}

}  // namespace tw::command
