#include "sc_main/run.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "base/error.hpp"
#include "platforms/config/all_parameters.hpp"
#include "platforms/config/nearest.hpp"
#include "platforms/report/file.hpp"
#include "platforms/report/perfetto/perfetto.hpp"
#include "platforms/virt/platform.hpp"
#include "sc_main/boot.hpp"
#include "sc_main/control_target.hpp"
#include "sc_main/deadline.hpp"
#include "sc_main/events_option.hpp"
#include "sc_main/fork_points.hpp"
#include "sc_main/ghost_option.hpp"
#include "sc_main/measurement.hpp"
#include "sc_main/platform_option.hpp"
#include "sc_main/progress.hpp"
#include "sc_main/recording.hpp"
#include "sc_main/region_options.hpp"
#include "sc_main/report_paths.hpp"
#include "sc_main/results.hpp"
#include "sc_main/run_options.hpp"
#include "sc_main/status.hpp"
#include "sc_main/study.hpp"

namespace tw::command {

namespace {

enum ExitStatus : int { kDone = 0, kUser = 2, kNoMilestone = 3, kReset = 4, kPointFailed = 6, kInterrupted = 130 };

/// For the signal handler only, while a run is under way.
std::atomic<virt::RunControl*> interruptible = nullptr;

void on_interrupt(int) {
  if (virt::RunControl* control = interruptible.load()) control->interrupt();
}

/// Ctrl-C ends the run in order; a second one kills the process as usual.
class InterruptGuard final {
 public:
  explicit InterruptGuard(virt::RunControl& control) {
    interruptible = &control;
    struct sigaction action = {};
    action.sa_handler = on_interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
  }
  ~InterruptGuard() { interruptible = nullptr; }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

int exit_status(const virt::RunControl& control, const RunOptions& options, const PointForker* forker) {
  if (forker != nullptr && !forker->forked() && !control.interrupted()) {
    fmt::print(stderr, "trapwalk: no point ran: the region never began\n");
    return kNoMilestone;
  }
  switch (control.cause()) {
    case virt::StopCause::Milestone:
    case virt::StopCause::Quit:
      return kDone;
    case virt::StopCause::PowerOff:
      return options.until.empty() ? kDone : kNoMilestone;
    case virt::StopCause::SemihostingExit:
      return control.status();
    case virt::StopCause::Reset:
      return kReset;
    case virt::StopCause::Interrupted:
      return kInterrupted;
    case virt::StopCause::Forked:
      if (control.interrupted()) return kInterrupted;
      return forker->failures() == 0 ? kDone : kPointFailed;
    default:
      return kNoMilestone;
  }
}

void configure(const RunOptions& options, config::ParameterTable& table, const config::PlatformConfig& config) {
  table.load_builtin(options.cpu);
  if (!options.smmu.model.empty()) table.load_smmu_builtin(options.smmu.model);
  for (const std::string& file : options.configs) table.load_file(file);
  for (const std::string& assignment : options.sets) table.set(assignment);
  if (options.memory) table.set(fmt::format("memory.size={}", *options.memory));
  if (options.gic) table.set(fmt::format("gic.version={}", *options.gic));
  table.set(fmt::format("gic.cpus={}", options.smp));
  if (options.secure) {
    table.set("core.el3=true");
    table.set("gic.security_extensions=true");
  }
  config::require_valid(table, config);
}

void watch_console(console::Console& console, const RunOptions& options, virt::Platform& platform) {
  virt::RunControl& control = platform.control();
  if (!options.until.empty()) {
    console.when_printed(options.until, [&] { control.stop(virt::StopCause::Milestone); });
  }
  for (const std::string& text : texts_of(control.plan().options())) {
    console.whenever_printed(text, [&control, text] { control.printed(text); });
  }
  console.on_power_key([&] { platform.press_power_key(); });
  if (!options.press_power_after.empty()) {
    console.when_printed(options.press_power_after, [&] { platform.press_power_key(); });
  }
}

void add_ghosts(const RunOptions& options, virt::Platform& platform) {
  for (const auto& core : platform.complexes()) {
    for (const vmsa::GhostSpec& ghost : options.ghosts.cores) core->mmu().add_ghost(ghost);
  }
}

/// Nothing: the run is one point. Every point is looked at before the boot.
std::unique_ptr<PointForker> prepare_forks(const RunOptions& options, const config::ParameterTable& booted) {
  if (options.fork_points.empty()) return nullptr;
  std::vector<ForkPoint> points = read_fork_points(options.fork_points);
  for (const ForkPoint& point : points) {
    config::PlatformConfig config;
    config::ParameterTable table;
    config::add_all(table, config);
    RunOptions wanted = options;
    std::ranges::copy(point.sets, std::back_inserter(wanted.sets));
    configure(wanted, table, config);
    require_timing_only(point, booted.parameters(), table.parameters());
  }
  const unsigned jobs = options.fork_jobs != 0 ? options.fork_jobs : std::max(1U, std::thread::hardware_concurrency());
  return std::make_unique<PointForker>(std::move(points), jobs);
}

/// Banks of flash that keep what the guest programmed: a whole file or the old one.
void write_back(const virt::Platform& platform, const RunOptions& options) {
  for (unsigned bank = 0; bank < options.pflash.size(); ++bank) {
    if (!options.pflash[bank].write_back) continue;
    const std::span<const u8> bytes = platform.flash(bank);
    images::write_file(options.pflash[bank].path, images::Bytes(bytes.begin(), bytes.end()));
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
  // Before anything else is opened that might get its number.
  std::optional<control::LineWriter> status_lines;
  if (options.status_descriptor) status_lines.emplace(*options.status_descriptor, "--status-fd");
  std::optional<control::Channel> channel;
  if (options.control_descriptor) channel.emplace(*options.control_descriptor, "--control-fd");
  // What throws is not in the aggregate's initializer: g++ 12 would destroy members of it twice.
  const region::Options region = region_of(options);
  virt::Settings settings{
      .cpus = options.smp,
      .config = {},
      .virtio = options.virtio,
      .smmu = options.smmu,
      .endpoints = options.devices.endpoints,
      .pl330 = options.devices.pl330,
      .semihosting = options.semihosting,
      .command_line = options.append.empty() ? options.kernel : options.kernel + " " + options.append,
      .secure = options.secure,
      .limits = {.region = region},
      .ledger = options.ledger,
      .events = options.events,
      .firmware = {}};
  if (options.max_instructions) settings.limits.max_instructions = *options.max_instructions;
  config::ParameterTable table;
  config::add_all(table, settings.config);
  configure(options, table, settings.config);

  Boot boot = prepare_boot(options, settings);
  settings.psci = boot.psci;
  settings.firmware = std::move(boot.firmware);
  if (!options.dump_dtb.empty()) {
    images::write_file(options.dump_dtb, boot.device_tree);
    return kDone;
  }
  if (options.bios.empty() && options.pflash.empty() && options.kernel.empty() && options.hypervisor.empty() &&
      options.loads.empty()) {
    throw UserError(Complaint{"trapwalk run", "nothing to run: give --bios, --pflash, --kernel or --hypervisor"});
  }

  console::Console console(console::open_host_port(options.serial, "--serial"));
  std::unique_ptr<console::Console> virtio_console;
  if (!options.virtio_console.empty()) {
    virtio_console =
        std::make_unique<console::Console>(console::open_host_port(options.virtio_console, "--virtio-console"));
  }
  console::Console secure_console(console::open_host_port(options.secure_serial, "--secure-serial"));
  virt::Platform platform("virt", settings,
                          {.serial = console, .virtio = virtio_console.get(), .secure = &secure_console});
  if (extension.attach) extension.attach(platform);
  platform.load(boot.plan);
  platform.reset(boot.start);
  for (unsigned bank = 0; bank < options.pflash.size(); ++bank) {
    if (options.pflash[bank].readonly) platform.protect_flash(bank);
  }
  add_ghosts(options, platform);
  add_ghosts(options.ghosts, platform.smmu());
  virt::RunControl& control = platform.control();
  watch_console(console, options, platform);
  if (virtio_console) watch_console(*virtio_console, options, platform);
  // Who types at prompts sits at one of the two.
  console::Console& typist = virtio_console && options.serial == "none" ? *virtio_console : console;
  for (const auto& [prompt, text] : options.replies) typist.reply_to(prompt, text);
  std::unique_ptr<Deadline> end, power_key;
  if (options.max_time_ps) {
    end = std::make_unique<Deadline>("end", *options.max_time_ps, [&] { control.stop(virt::StopCause::TimeLimit); });
  }
  if (options.press_power_at_ps) {
    power_key =
        std::make_unique<Deadline>("power_key", *options.press_power_at_ps, [&] { platform.press_power_key(); });
  }
  Progress progress("progress", platform, console, isatty(STDERR_FILENO) != 0);
  std::optional<Status> status;
  if (status_lines) status.emplace(*status_lines, platform, fidelity_of(options.region));
  const std::unique_ptr<RunRecording> recording =
      start_recording(options.record, arguments, boot.files, table.parameters(), platform);
  control.on_slice([&](const cpu::Cpu& cpu) {
    progress.update(cpu);
    if (recording) recording->after_slice(platform.complexes()[cpu.index]->core());
    if (status) status->update(cpu);
  });
  control.on_phase([&](region::Phase phase, u64 instructions) {
    progress.phase(phase, instructions);
    if (status) status->phase(phase, instructions);
  });
  Measurement measurement(platform, settings.config);
  control.add_observer(measurement);

  std::vector<std::string> reports = options.reports;
  const std::unique_ptr<PointForker> forker = prepare_forks(options, table);
  if (forker) {
    forker->on_end([&](const ForkPoint& point, int how) {
      if (status) status->point_ended(point.name, how);
    });
    control.before_timed([&] {
      progress.hide();
      console.flush();
      const std::optional<unsigned> point = forker->fork_all([&] { return control.interrupted(); });
      if (!point) return control.stop(virt::StopCause::Forked);
      status.reset();  // one process speaks
      for (const std::string& assignment : forker->points()[*point].sets) table.set(assignment);
      reports = forker->points()[*point].reports;
      platform.configure(settings.config);
      add_ghosts(options, platform);
    });
  }

  int result = kDone;
  const auto report_of = [&](const Measurement& measured, const std::string& stopped) {
    report::Report report = make_report(platform, measured, boot.files, table.parameters(), result, stopped);
    report.events = take_events(platform);
    return report;
  };
  std::optional<ControlTarget> target;
  std::optional<images::Symbols> symbols;
  if (channel) {
    target.emplace(*channel, ControlTarget::Context{.platform = platform,
                                                    .console = console,
                                                    .address_of =
                                                        [&](const std::string& name) {
                                                          if (!symbols) symbols = symbols_of(options, "symbol");
                                                          return symbols->address(name, "symbol");
                                                        },
                                                    .write_report =
                                                        [&](const std::string& path, bool ended) {
                                                          check_reports({path});
                                                          const std::string stopped =
                                                              ended ? describe(control.cause()) : "it goes on";
                                                          report::write(report_of(measurement.so_far(), stopped), path);
                                                        }});
  }

  const InterruptGuard guard(control);
  // "Simulation stopped by user" would go to standard output, which belongs to the guest.
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING);
  if (status) status->started();
  control.begin();
  if (!control.stopped()) sc_core::sc_start();
  while (target && target->asleep()) sc_core::sc_start();
  control.finish();
  measurement.finish();
  progress.finish();
  console.flush();
  if (virtio_console) virtio_console->flush();
  secure_console.flush();

  write_back(platform, options);
  result = exit_status(control, options, forker.get());
  if (target) target->ended(result);
  print_summary(platform, progress);
  const bool recorded = !recording || recording->finish();
  if (!reports.empty() || !options.perfetto.empty()) {
    const report::Report report = report_of(measurement, describe(control.cause()));
    print_events(report.events);
    for (const std::string& path : reports) report::write(report, path);
    if (!options.perfetto.empty()) {
      report::write_atomically(options.perfetto, report::to_perfetto(report, options.perfetto));
    }
  }
  // Last: who reads it finds the reports complete.
  const int ended = recorded ? result : kUser;
  if (status) status->ended(ended);
  return ended;
}

}  // namespace tw::command
