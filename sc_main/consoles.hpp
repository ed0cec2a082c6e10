// The lines that a guest of `trapwalk run` prints to, and what is done when it prints.
#pragma once

#include <memory>

#include "platforms/console/console.hpp"
#include "platforms/virt/platform.hpp"
#include "sc_main/run_options.hpp"

namespace tw::command {

struct Consoles {
  /// Opens the host's ends. Throws UserError.
  explicit Consoles(const RunOptions& options);

  /// The texts that the run waits for, and those that are typed.
  void watch(const RunOptions& options, virt::Platform& platform);
  void flush();

  console::Console serial;
  std::unique_ptr<console::Console> virtio;  ///< nullptr: there is none
  console::Console secure;
};

}  // namespace tw::command
