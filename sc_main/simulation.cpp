#include "sc_main/simulation.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "platforms/config/all_parameters.hpp"
#include "platforms/control/session.hpp"
#include "platforms/gdb/server.hpp"
#include "platforms/report/file.hpp"
#include "platforms/report/perfetto/perfetto.hpp"
#include "sc_main/events_option.hpp"
#include "sc_main/ghost_option.hpp"
#include "sc_main/interrupt_guard.hpp"
#include "sc_main/region_options.hpp"
#include "sc_main/report_paths.hpp"
#include "sc_main/results.hpp"

namespace tw::command {

namespace {

enum ExitStatus : int { kDone = 0, kUser = 2, kNoMilestone = 3, kReset = 4, kPointFailed = 6, kInterrupted = 130 };

void add_core_ghosts(const RunOptions& options, virt::Platform& platform) {
  for (const auto& core : platform.complexes()) {
    for (const vmsa::GhostSpec& ghost : options.ghosts.cores) core->mmu().add_ghost(ghost);
  }
}

}  // namespace

Others::Others(const RunOptions& options) {
  if (options.status_descriptor) status.emplace(*options.status_descriptor, "--status-fd");
  if (options.control_descriptor) control.emplace(*options.control_descriptor, "--control-fd");
  if (options.gdb) debuggers.emplace(options.gdb->address, "--gdb");
}

Simulation::Simulation(const RunOptions& options, std::span<const std::string> arguments, Machine& machine,
                       Others& others, const Extension& extension)
    : options_(options),
      machine_(machine),
      others_(others),
      consoles_(options),
      platform_("virt", machine.settings,
                {.serial = consoles_.serial, .virtio = consoles_.virtio.get(), .secure = &consoles_.secure}),
      control_(platform_.control()),
      progress_("progress", platform_, consoles_.serial, isatty(STDERR_FILENO) != 0),
      measurement_(platform_, machine.settings.config),
      reports_(options.reports) {
  load(extension);
  consoles_.watch(options, platform_);
  set_deadlines();
  follow(arguments);
  prepare_forks();
  if (others_.control || others_.debuggers) hand_over();
}

// ---- before the first instruction

void Simulation::load(const Extension& extension) {
  if (extension.attach) extension.attach(platform_);
  platform_.load(machine_.boot.plan);
  platform_.reset(machine_.boot.start);
  for (unsigned bank = 0; bank < options_.pflash.size(); ++bank) {
    if (options_.pflash[bank].readonly) platform_.protect_flash(bank);
  }
  add_core_ghosts(options_, platform_);
  add_ghosts(options_.ghosts, platform_.smmu());
}

void Simulation::set_deadlines() {
  if (options_.max_time_ps) {
    end_ =
        std::make_unique<Deadline>("end", *options_.max_time_ps, [this] { control_.stop(virt::StopCause::TimeLimit); });
  }
  if (options_.press_power_at_ps) {
    power_key_ =
        std::make_unique<Deadline>("power_key", *options_.press_power_at_ps, [this] { platform_.press_power_key(); });
  }
}

void Simulation::follow(std::span<const std::string> arguments) {
  if (others_.status) status_.emplace(*others_.status, platform_, fidelity_of(options_.region));
  recording_ = start_recording(options_.record, arguments, machine_.boot.files, machine_.table.parameters(), platform_);
  control_.on_slice([this](const cpu::Cpu& cpu) {
    progress_.update(cpu);
    if (recording_) recording_->after_slice(platform_.complexes()[cpu.index]->core());
    if (status_) status_->update(cpu);
  });
  control_.on_phase([this](region::Phase phase, u64 instructions) {
    progress_.phase(phase, instructions);
    if (status_) status_->phase(phase, instructions);
  });
  control_.add_observer(measurement_);
}

/// Every point is looked at before the boot.
void Simulation::prepare_forks() {
  if (options_.fork_points.empty()) return;
  std::vector<ForkPoint> points = read_fork_points(options_.fork_points);
  for (const ForkPoint& point : points) {
    config::PlatformConfig config;
    config::ParameterTable table;
    config::add_all(table, config);
    RunOptions wanted = options_;
    std::ranges::copy(point.sets, std::back_inserter(wanted.sets));
    configure(wanted, table, config);
    require_timing_only(point, machine_.table.parameters(), table.parameters());
  }
  const unsigned jobs =
      options_.fork_jobs != 0 ? options_.fork_jobs : std::max(1U, std::thread::hardware_concurrency());
  forker_ = std::make_unique<PointForker>(std::move(points), jobs);
  forker_->on_end([this](const ForkPoint& point, int how) {
    if (status_) status_->point_ended(point.name, how);
  });
  control_.before_timed([this] {
    progress_.hide();
    consoles_.serial.flush();
    const std::optional<unsigned> point = forker_->fork_all([this] { return control_.interrupted(); });
    if (!point) return control_.stop(virt::StopCause::Forked);
    become(forker_->points()[*point]);
  });
}

/// In the child of a point.
void Simulation::become(const ForkPoint& point) {
  status_.reset();  // one process speaks
  for (const std::string& assignment : point.sets) machine_.table.set(assignment);
  reports_ = point.reports;
  platform_.configure(machine_.settings.config);
  add_core_ghosts(options_, platform_);
}

void Simulation::hand_over() {
  const auto address_of = [this](const std::string& name) {
    if (!symbols_) symbols_ = symbols_of(options_, "symbol");
    return symbols_->address(name, "symbol");
  };
  const auto write_report = [this](const std::string& path, bool ended) {
    check_reports({path});
    const std::string stopped = ended ? describe(control_.cause()) : "it goes on";
    report::write(report_of(measurement_.so_far(), stopped), path);
  };
  target_.emplace(
      ControlTarget::Context{
          .platform = platform_, .console = consoles_.serial, .address_of = address_of, .write_report = write_report},
      [this](control::Target& target) { return make_client(target); });
}

std::unique_ptr<control::Client> Simulation::make_client(control::Target& target) {
  if (others_.control) return std::make_unique<control::Session>(*others_.control, target);
  const std::string& where = others_.debuggers->where();
  fmt::print(stderr, "trapwalk: {} for a debugger: target remote {}\n", options_.gdb->wait ? "waits" : "listens",
             where);
  return std::make_unique<gdb::Server>(*others_.debuggers, target, options_.gdb->wait);
}

// ---- the run and its end

int Simulation::run() {
  simulate();
  write_flash_back();
  result_ = exit_status();
  if (target_) target_->ended(result_);
  print_summary(platform_, progress_);
  const bool recorded = !recording_ || recording_->finish();
  write_reports();
  // Last: who reads it finds the reports complete.
  const int ended = recorded ? result_ : kUser;
  if (status_) status_->ended(ended);
  return ended;
}

void Simulation::simulate() {
  // "Simulation stopped by user" would go to standard output, which belongs to the guest.
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING);
  if (status_) status_->started();
  control_.begin();
  if (!control_.stopped()) sc_core::sc_start();
  while (target_ && target_->asleep()) sc_core::sc_start();
  control_.finish();
  measurement_.finish();
  progress_.finish();
  consoles_.flush();
}

int Simulation::exit_status() const {
  if (forker_ && !forker_->forked() && !control_.interrupted()) {
    fmt::print(stderr, "trapwalk: no point ran: the region never began\n");
    return kNoMilestone;
  }
  switch (control_.cause()) {
    case virt::StopCause::Milestone:
    case virt::StopCause::Quit:
      return kDone;
    case virt::StopCause::PowerOff:
      return options_.until.empty() ? kDone : kNoMilestone;
    case virt::StopCause::SemihostingExit:
      return control_.status();
    case virt::StopCause::Reset:
      return kReset;
    case virt::StopCause::Interrupted:
      return kInterrupted;
    case virt::StopCause::Forked:
      if (control_.interrupted()) return kInterrupted;
      return forker_->failures() == 0 ? kDone : kPointFailed;
    default:
      return kNoMilestone;
  }
}

/// Banks of flash that keep what the guest programmed: a whole file or the old one.
void Simulation::write_flash_back() const {
  for (unsigned bank = 0; bank < options_.pflash.size(); ++bank) {
    if (!options_.pflash[bank].write_back) continue;
    const std::span<const u8> bytes = platform_.flash(bank);
    images::write_file(options_.pflash[bank].path, images::Bytes(bytes.begin(), bytes.end()));
  }
}

report::Report Simulation::report_of(const Measurement& measured, const std::string& stopped) {
  report::Report report =
      make_report(platform_, measured, machine_.boot.files, machine_.table.parameters(), result_, stopped);
  report.events = take_events(platform_);
  return report;
}

void Simulation::write_reports() {
  if (reports_.empty() && options_.perfetto.empty()) return;
  const report::Report report = report_of(measurement_, describe(control_.cause()));
  print_events(report.events);
  report::write_all(report, reports_);
  if (!options_.perfetto.empty()) {
    report::write_atomically(options_.perfetto, report::to_perfetto(report, options_.perfetto));
  }
}

}  // namespace tw::command
