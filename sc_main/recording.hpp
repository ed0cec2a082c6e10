// `trapwalk run --record`: what traces say of where they come from, and what becomes of them when the run ends.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "platforms/config/parameter.hpp"
#include "platforms/virt/platform.hpp"

namespace tw::command {

/// Of one run; nothing is recorded where there is none.
class RunRecording {
 public:
  virtual ~RunRecording() = default;
  virtual void after_slice(cpu::Cpu& cpu) = 0;
  /// The run is over. Says what was recorded. False, and says why: a trace could not be written.
  [[nodiscard]] virtual bool finish() = 0;
};

/// As parse_record() has `option`; empty: nullptr. `command`: all arguments; `files`: of the software. Throws
/// UserError.
std::unique_ptr<RunRecording> start_recording(const std::string& option, std::span<const std::string> command,
                                              const std::vector<std::string>& files,
                                              const std::vector<config::Parameter>& configuration,
                                              virt::Platform& platform);

}  // namespace tw::command
