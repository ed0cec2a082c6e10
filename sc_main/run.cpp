#include "sc_main/run.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/images/images.hpp"
#include "sc_main/machine.hpp"
#include "sc_main/platform_option.hpp"
#include "sc_main/run_options.hpp"
#include "sc_main/simulation.hpp"
#include "sc_main/study.hpp"

namespace tw::command {

namespace {

constexpr int kDone = 0;

void require_software(const RunOptions& options) {
  if (options.bios.empty() && options.pflash.empty() && options.kernel.empty() && options.hypervisor.empty() &&
      options.loads.empty()) {
    throw UserError(Complaint{"trapwalk run", "nothing to run: give --bios, --pflash, --kernel or --hypervisor"});
  }
}

}  // namespace

int command_run(std::span<const std::string> arguments, const Extension& extension) {
  std::vector<std::string> words(arguments.begin(), arguments.end());
  const PlatformName platform_name = take_platform(words);
  if (platform_name == PlatformName::DmaStudy) return command_study(words);
  if (platform_name == PlatformName::Replay) {
    throw UserError(Complaint{"--platform", "replay is a command of its own: trapwalk replay"});
  }
  const RunOptions options = parse_run_options(words);
  if (options.help) {
    fmt::print("{}", run_usage());
    return kDone;
  }
  Others others(options);
  Machine machine(options);
  if (!options.dump_dtb.empty()) {
    images::write_file(options.dump_dtb, machine.boot.device_tree);
    return kDone;
  }
  require_software(options);
  return Simulation(options, arguments, machine, others, extension).run();
}

}  // namespace tw::command
