#include "platforms/dma_study/platform.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "platforms/dma_study/smmu_registers.hpp"
#include "platforms/dma_study/software_time.hpp"

namespace tw::study {

namespace traffic = devices::traffic;

namespace {

constexpr unsigned kEventQueueBits = 7;
constexpr u64 kEventBytes = 32, kCommandBytes = 16;
constexpr StreamId kSmmuMessages{0x1'FFFF};

std::string_view name_of(Opcode opcode) {
  switch (opcode) {
    case Opcode::CfgiAll:
      return "CMD_CFGI_ALL";
    case Opcode::TlbiNhAsid:
      return "CMD_TLBI_NH_ASID";
    case Opcode::TlbiNhVa:
      return "CMD_TLBI_NH_VA";
    case Opcode::TlbiNsnhAll:
      return "CMD_TLBI_NSNH_ALL";
    case Opcode::Resume:
      return "CMD_RESUME";
    case Opcode::Sync:
      return "CMD_SYNC";
  }
  return "";
}

}  // namespace

Platform::Platform(sc_core::sc_module_name name, const Settings& settings)
    : sc_module(name),
      settings_(settings),
      clock_(tlm::Clock::from_mhz(settings.study.frequency_mhz)),
      ram_bytes_(settings.memory.size),
      memory_(ram_bytes_, kRam),
      ram_("ram", ram_bytes_, settings.memory, clock_, settings.dram),
      checkers_(settings.study.check_protocol ? tlm::abort_on_violation : tlm::ProtocolChecker::OnViolation{}),
      fabric_("fabric", clock_, settings.interconnect, &checkers_) {
  fabric_.map("ram", kRam, ram_bytes_.size(), interconnect::memory_link(settings.interconnect), ram_.socket);
  add_masters();
  add_smmu();
  add_software();
}

Platform::~Platform() = default;

void Platform::add_masters() {
  std::vector<traffic::Window> windows;
  u64 last = 0;
  for (unsigned n = 0; n < settings_.study.masters; ++n) {
    for (const traffic::Window& window : traffic::windows_of(settings_.masters[n])) {
      windows.push_back(window);
      last = std::max<u64>(last, window.stream.value);
    }
  }
  const AddressSpaces::Context context{.config = settings_.study,
                                       .memory = memory_,
                                       .sid_bits = static_cast<unsigned>(std::bit_width(last)),
                                       .pa_bits = static_cast<unsigned>(settings_.smmu.pa_bits),
                                       .seed = settings_.traffic.seed};
  spaces_ = std::make_unique<AddressSpaces>(context, windows);
  std::size_t space = 0;
  for (unsigned n = 0; n < settings_.study.masters; ++n) {
    const traffic::Config& config = settings_.masters[n];
    Master& master = masters_.emplace_back();
    traffic::Source* source = nullptr;
    if (is_io()) {
      master.jobs = std::make_unique<JobQueue>(config);
      source = master.jobs.get();
    } else {
      master.generator = std::make_unique<traffic::Generator>(config);
      for (std::size_t w = 0; w < master.generator->windows().size(); ++w) {
        master.generator->place(w, spaces_->spaces()[space++].window.base);
      }
      master.generator->on_warm([this] { warm(); });
      master.gate = std::make_unique<Gate>(*master.generator);
      source = master.gate.get();
    }
    master.module = std::make_unique<devices::TrafficModule>(
        fmt::format("master{}", n).c_str(), *source,
        devices::TrafficModule::Settings{
            .traffic = config,
            .link = settings_.link,
            .quantum = tlm::picoseconds(settings_.study.quantum_ns * kPicosecondsPerNanosecond)});
    if (!is_io()) master.module->on_end([this] { one_is_done(); });
  }
}

void Platform::add_smmu() {
  const unsigned port = fabric_.add_port(interconnect::dma_link(settings_.interconnect));
  if (!has_smmu()) {
    for (Master& master : masters_) fabric_.connect(master.module->bus.socket, port);
    return;
  }
  queue_ = std::make_unique<CommandQueue>(
      settings_.study,
      CommandQueue::Place{.base = Pa{memory_.allocate(kCommandBytes << settings_.study.command_queue_bits)},
                          .bits = static_cast<unsigned>(settings_.study.command_queue_bits),
                          .registers = kSmmuFrame});
  smmu_ = std::make_unique<smmu::SmmuModule>(
      "smmu", settings_.smmu,
      smmu::SmmuModule::Surroundings{
          .ports = static_cast<unsigned>(masters_.size()),
          .stream = kSmmuMessages,
          .frame = {.read_latency = settings_.study.mmio_latency,
                    .write_latency = settings_.study.mmio_latency,
                    .clock = clock_},
          .pulse =
              [this](smmu::Wire wire, Security) {
                if (faults_ && wire == smmu::Wire::EventQueue) faults_->interrupt();
              },
          .send_event = [] {},
          .is_memory = [this](Pa at, u64 bytes) { return at >= kRam && ram_bytes_.contains(at - kRam, bytes); },
          .endpoints = no_endpoints_});
  unsigned number = 0;
  for (Master& master : masters_) smmu_->connect(master.module->bus.socket, number++, checkers_);
  watch_ = std::make_unique<WriteWatch>("watch", [this](Pa at, u64 when) { queue_->written(at, when); });
  checkers_.bind(smmu_->memory(), watch_->target, "smmu.memory");
  fabric_.connect(watch_->initiator, fabric_.add_port(interconnect::dma_link(settings_.interconnect)));
  fabric_.connect(smmu_->translated, port);
  fabric_.map("smmu", kSmmuFrame, smmu::Smmu::kFrameBytes, interconnect::peripheral_link(settings_.interconnect),
              smmu_->frame());
}

void Platform::add_software() {
  const auto cpu_port = [this] { return fabric_.add_port(interconnect::cpu_link(settings_.interconnect)); };
  const u64 events = memory_.allocate(kEventBytes << kEventQueueBits);
  bring_up_ = std::make_unique<BringUp>("bring_up",
                                        BringUp::Context{.has_smmu = has_smmu(),
                                                         .registers = kSmmuFrame,
                                                         .stream_tables = &spaces_->stream_tables(),
                                                         .queue = queue_.get(),
                                                         .event_queue_base = events | kEventQueueBits | kReadAllocate,
                                                         .done = [this] { begin(); }});
  fabric_.connect(bring_up_->bus.socket, cpu_port());
  if (settings_.study.faults == "stall") {
    faults_ = std::make_unique<FaultHandler>("faults", FaultHandler::Context{.config = settings_.study,
                                                                             .spaces = *spaces_,
                                                                             .queue = *queue_,
                                                                             .registers = kSmmuFrame,
                                                                             .events = Pa{events},
                                                                             .event_bits = kEventQueueBits});
    fabric_.connect(faults_->bus.socket, cpu_port());
  }
  if (!is_io()) return;
  for (unsigned n = 0; n < settings_.study.cpus; ++n) {
    const std::size_t device = n % masters_.size();
    submitters_.push_back(std::make_unique<Submitter>(fmt::format("cpu{}", n).c_str(), n,
                                                      Submitter::Context{.config = settings_.study,
                                                                         .traffic = settings_.traffic,
                                                                         .memory = memory_,
                                                                         .space = spaces_->spaces()[device],
                                                                         .queue = queue_.get(),
                                                                         .jobs = *masters_[device].jobs,
                                                                         .device = *masters_[device].module,
                                                                         .statistics = io_,
                                                                         .begin = begin_,
                                                                         .done = [this] { one_is_done(); }}));
    fabric_.connect(submitters_.back()->bus.socket, cpu_port());
  }
}

/// The SMMU is there; what it has done so far is not of interest.
void Platform::begin() {
  begun_ps_ = io_.begin_ps = now_ps();
  restart_smmu();
  if (queue_) queue_->clear_statistics();
  fabric_.fabric().clear_statistics();
  for (Master& master : masters_) {
    if (master.gate) master.gate->open();
    master.module->wake();
  }
  begin_.notify(sc_core::SC_ZERO_TIME);
}

void Platform::restart_smmu() {
  if (!smmu_) return;
  smmu_->core().clear_statistics();
  translations_ = cost::EventRing<smmu::TranslationEvent>(event_limits_);
  smmu_->core().record(event_limits_.limit == 0 ? nullptr : &translations_);
}

/// Structures are counted from when the last master is warm.
void Platform::warm() {
  if (++warm_ != warming_masters()) return;
  begun_ps_ = now_ps();
  restart_smmu();
  fabric_.fabric().clear_statistics();
  if (ram_.dram() != nullptr) ram_.dram()->clear_statistics();
}

void Platform::one_is_done() {
  if (++ended_ < (is_io() ? submitters_.size() : ending_masters())) return;
  done_ = true;
  sc_core::sc_stop();
}

/// Without a number of requests a master goes on for as long as the others.
std::size_t Platform::ending_masters() const {
  return static_cast<std::size_t>(std::count_if(settings_.masters.begin(),
                                                settings_.masters.begin() + static_cast<long>(settings_.study.masters),
                                                [](const traffic::Config& config) { return config.requests != 0; }));
}

std::size_t Platform::warming_masters() const {
  return static_cast<std::size_t>(std::count_if(settings_.masters.begin(),
                                                settings_.masters.begin() + static_cast<long>(settings_.study.masters),
                                                [](const traffic::Config& config) { return config.warm_up != 0; }));
}

u64 Platform::measured_cycles() const { return clock_.cycles_up(tlm::picoseconds(now_ps() - begun_ps_)); }

Results Platform::results() const {
  Results results;
  for (const Master& master : masters_) {
    if (!master.generator) continue;
    const traffic::Statistics& statistics = master.generator->statistics();
    results.masters.push_back({master.module->basename(), statistics.elapsed_ps(), statistics.streams()});
  }
  if (is_io()) {
    IoResult& io = results.io.emplace();
    io.io = io_;
    if (queue_) {
      const CommandQueue::Statistics& sent = queue_->statistics();
      for (const auto& [opcode, count] : sent.sent) io.commands.push_back({std::string(name_of(opcode)), count});
      io.doorbells = sent.doorbells;
      io.queue_full = sent.full;
      io.sync_ps = sent.sync_ps;
      io.doorbell_ps = sent.doorbell_ps;
    }
  }
  if (faults_) results.faults = faults_->statistics();
  if (settings_.link.enabled && settings_.traffic.size_max == 0) {
    results.link_bytes_per_second =
        traffic::bandwidth(settings_.link, settings_.traffic.size, settings_.traffic.read_share == 0);
  }
  results.wrong_words = spaces_->wrong_words();
  return results;
}

}  // namespace tw::study
