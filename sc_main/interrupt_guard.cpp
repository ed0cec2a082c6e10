#include "sc_main/interrupt_guard.hpp"

#include <atomic>
#include <csignal>

namespace tw::command {

namespace {

/// For the signal handler only, while a run is under way.
std::atomic<virt::RunControl*> interruptible = nullptr;

void on_interrupt(int) {
  if (virt::RunControl* control = interruptible.load()) control->interrupt();
}

}  // namespace

InterruptGuard::InterruptGuard(virt::RunControl& control) {
  interruptible = &control;
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

InterruptGuard::~InterruptGuard() { interruptible = nullptr; }

}  // namespace tw::command
