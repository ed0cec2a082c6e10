#include "sc_main/control_target.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/algorithm/string/case_conv.hpp>

#include "base/error.hpp"
#include "cpu/code_cache.hpp"
#include "cpu/engine.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/system/external_debug.hpp"
#include "platforms/config/nearest.hpp"

namespace tw::command {

using control::StopReason;

namespace {

constexpr u64 kNever = cpu::Halting::kNever;
constexpr u64 kFarOff = u64{1} << 62;                      ///< beyond any run; can be added to where one is
constexpr unsigned kLooksPerGlance = 16;                   ///< the client is not asked after every slice
constexpr std::size_t kOutputKept = std::size_t{4} << 20;  ///< of a console that nobody reads
constexpr u64 kMostPerCycle = 16;                          ///< as in run_control.cpp
constexpr u64 kLongestRun = 2 * (cpu::kOpsPerPage + 1);    ///< how far a slice may go beyond its cycles
constexpr u32 kFirstPpi = 16, kFirstSpi = 32;

[[noreturn]] void refuse(const std::string& member, const std::string& message) {
  throw UserError(Complaint{member, message});
}

StopReason reason_of(cpu::HaltReason reason) {
  switch (reason) {
    case cpu::HaltReason::Steps:
      return StopReason::Steps;
    case cpu::HaltReason::Retired:
      return StopReason::Instructions;
    case cpu::HaltReason::Elapsed:
      return StopReason::Time;
    case cpu::HaltReason::Breakpoint:
      return StopReason::Breakpoint;
    case cpu::HaltReason::Exception:
      return StopReason::Exception;
    case cpu::HaltReason::Watchpoint:
      return StopReason::Watchpoint;
  }
  return StopReason::Pause;
}

}  // namespace

ControlTarget::ControlTarget(Context context, const MakeClient& make_client)
    : platform_(context.platform),
      control_(context.platform.control()),
      context_(std::move(context)),
      memory_(platform_) {
  for (const auto& complex : platform_.complexes()) {
    halting_.push_back(std::make_unique<cpu::Halting>(static_cast<cpu::HaltPort&>(*this)));
    complex->core().halting = halting_.back().get();
  }
  control_.on_attention([this] { look(); });
  control_.on_before_slice([this](cpu::Cpu& cpu, const cpu::Slice& slice) { before_slice(cpu, slice); });
  context_.console.on_output([this](u8 byte) { printed(byte); });
  client_ = make_client(*this);
}

ControlTarget::~ControlTarget() {
  for (const auto& complex : platform_.complexes()) complex->core().halting = nullptr;
  control_.on_attention({});
  control_.on_before_slice({});
  context_.console.on_output({});
}

// ---- when the run stands

void ControlTarget::look() {
  if (stands_ || ++looks_ % kLooksPerGlance != 0) return;
  client_->glance();
  if (pending_ && all_asleep()) stand(standing_, {.reason = *std::exchange(pending_, std::nullopt)});
}

bool ControlTarget::all_asleep() {
  return std::all_of(platform_.complexes().begin(), platform_.complexes().end(),
                     [](const auto& complex) { return complex->shell().asleep(); });
}

void ControlTarget::before_slice(cpu::Cpu& cpu, const cpu::Slice& slice) {
  if (control_.stopped()) return;
  if (pending_) stand(cpu.index, {.reason = *std::exchange(pending_, std::nullopt)});
  arm(cpu, slice.cycles * (control_.plan().timed() ? kMostPerCycle : 1) + kLongestRun);
}

void ControlTarget::arm(cpu::Cpu& cpu, u64 within) {
  cpu::Halting& halting = *cpu.halting;
  const u64 done = control_.instructions();
  const u64 left = goal_instructions_ == kNever ? kNever : goal_instructions_ - std::min(done, goal_instructions_);
  halting.retired = left != kNever && left <= within ? cpu.retired + left : kNever;
  halting.elapsed = goal_cycles_ != kNever && goal_cycles_ <= cpu.ledger.elapsed() + within ? goal_cycles_ : kNever;
}

bool ControlTarget::halted(cpu::Cpu& cpu, cpu::HaltReason why) {
  control::Stop stop{.reason = reason_of(why)};
  if (why == cpu::HaltReason::Breakpoint) {
    const bool is_goal = goal_.address == cpu.pc && goal_.core.value_or(cpu.index) == cpu.index;
    if (is_goal) stop.reason = StopReason::Goal;
    for (auto& [number, breakpoint] : breakpoints_) {
      if (breakpoint.bytes != 0 || breakpoint.address != cpu.pc || breakpoint.core.value_or(cpu.index) != cpu.index)
        continue;
      ++breakpoint.hits;
      if (stop.breakpoint == 0) stop.breakpoint = number;
      if (!is_goal) stop.reason = StopReason::Breakpoint;
    }
  }
  if (why == cpu::HaltReason::Watchpoint) note_touched(cpu, stop);
  stand(cpu.index, stop);
  return changed_;
}

void ControlTarget::note_touched(const cpu::Cpu& cpu, control::Stop& stop) {
  const cpu::TouchedData& touched = cpu.halting->touched;
  stop.address = touched.va;
  stop.write = touched.write;
  for (auto& [number, watched] : breakpoints_) {
    if (watched.bytes == 0 || watched.core.value_or(cpu.index) != cpu.index) continue;
    if (!(touched.write ? watched.writes : watched.reads)) continue;
    if (touched.va > watched.address + (watched.bytes - 1) || touched.va + (touched.bytes - 1) < watched.address)
      continue;
    ++watched.hits;
    if (stop.breakpoint == 0) stop.breakpoint = number;
  }
}

void ControlTarget::stand(unsigned core, control::Stop stop) {
  if (client_->over()) return;
  clear_goal();
  pending_.reset();
  standing_ = stop.core = core;
  changed_ = false;
  stands_ = true;
  client_->stand(stop);
  stands_ = false;
  halting_[core]->passed = this->core(core).retired;  // whoever stands at a breakpoint goes on from there
}

bool ControlTarget::asleep() {
  if (control_.stopped()) return false;
  stand(standing_, {.reason = StopReason::Asleep});
  return !control_.stopped() && sc_core::sc_pending_activity();
}

void ControlTarget::ended(int status) {
  ended_ = true;
  stand(standing_, {.reason = StopReason::Ended,
                    .cause = std::string(virt::name_of(control_.cause())),
                    .message = describe(control_.cause()),
                    .status = status});
}

void ControlTarget::quit(bool client_is_gone) {
  if (!ended_) control_.stop(client_is_gone ? virt::StopCause::Interrupted : virt::StopCause::Quit);
}

// ---- what it is to stand at

void ControlTarget::clear_goal() {
  goal_ = {};
  goal_instructions_ = goal_cycles_ = kNever;
  for (const auto& halting : halting_) {
    halting->steps = halting->retired = halting->elapsed = kNever;
    halting->exceptions = 0;
  }
  place_breakpoints();
}

void ControlTarget::set_goal(const control::Goal& goal) {
  const cpu::Cpu& stepped = core(goal.core.value_or(0));
  if (goal.steps && !stepped.powered) refuse("core", fmt::format("core {} is not powered on", stepped.index));
  if (goal.simulated_ps && *goal.simulated_ps <= position(standing_).simulated_ps)
    refuse("simulated_ps", fmt::format("it is {} already", position(standing_).simulated_ps));
  goal_ = goal;
  recent_.clear();
  if (goal.steps) halting_[stepped.index]->steps = *goal.steps;
  if (goal.instructions) goal_instructions_ = control_.instructions() + std::min(*goal.instructions, kFarOff);
  if (goal.simulated_ps)
    goal_cycles_ = platform_.clock().cycles_up(tlm::picoseconds(std::min(*goal.simulated_ps, kFarOff)));
  for (unsigned n = 0; n < cores(); ++n) {
    halting_[n]->exceptions = goal.exceptions;
    halting_[n]->exceptions_seen = core(n).exceptions;
  }
  place_breakpoints();
  // The slice under way, if it stands in one, may get there.
  arm(core(standing_), kNever - core(standing_).ledger.elapsed());
}

void ControlTarget::place_breakpoints() {
  cpu::CodeCache::Slots slots;
  for (unsigned n = 0; n < cores(); ++n) {
    std::vector<u64>& addresses = halting_[n]->breakpoints;
    addresses.clear();
    const auto place = [&](u64 address, std::optional<unsigned> only) {
      if (only.value_or(n) != n) return;
      addresses.push_back(address);
      slots.set(address % cpu::kPageBytes / 4);
    };
    std::vector<cpu::WatchedRange> watched;
    for (const auto& [number, breakpoint] : breakpoints_) {
      if (breakpoint.bytes == 0) {
        place(breakpoint.address, breakpoint.core);
      } else if (breakpoint.core.value_or(n) == n) {
        watched.push_back({.first = breakpoint.address,
                           .last = breakpoint.address + (breakpoint.bytes - 1),
                           .reads = breakpoint.reads,
                           .writes = breakpoint.writes});
      }
    }
    if (!watched.empty() || core(n).halts_at_data) cpu::set_watchpoints(core(n), std::move(watched));
    if (goal_.address) place(*goal_.address, goal_.core);
  }
  core(0).code.halt_at(slots);
}

u64 ControlTarget::add_breakpoint(const control::Breakpoint& what) {
  control::Breakpoint& added = breakpoints_[++last_breakpoint_] = what;
  added.number = last_breakpoint_;
  added.hits = 0;
  place_breakpoints();
  return last_breakpoint_;
}

void ControlTarget::delete_breakpoint(u64 number) {
  if (breakpoints_.erase(number) == 0) refuse("number", fmt::format("there is no breakpoint {}", number));
  place_breakpoints();
}

std::vector<control::Breakpoint> ControlTarget::breakpoints() {
  std::vector<control::Breakpoint> list;
  for (const auto& [number, breakpoint] : breakpoints_) list.push_back(breakpoint);
  return list;
}

// ---- what there is to see and change

control::Position ControlTarget::position(unsigned n) {
  return {.instructions = control_.instructions(), .simulated_ps = tlm::to_picoseconds(shell(n).local_time())};
}

/// Of a core that waits for a device inside an instruction, that instruction.
u64 ControlTarget::pc_of_core(unsigned n) {
  const cpu::Cpu& cpu = core(n);
  return is_inside_instruction(n) ? cpu::pc_of(cpu, cpu.run_start) : cpu.pc;
}

control::CoreState ControlTarget::state(unsigned n) {
  const cpu::Cpu& cpu = core(n);
  const cost::Context context = cpu::ledger_context(cpu);
  control::CoreState state{.pc = pc_of_core(n),
                           .el = index(cpu.pstate.el),
                           .instructions = cpu.retired,
                           .cycles = cpu.ledger.elapsed(),
                           .powered = cpu.powered,
                           .waiting = cpu.waiting_for_interrupt || cpu.waiting_for_event,
                           .vmid = {}};
  if (context.guest) state.vmid = context.vmid.value;
  return state;
}

std::vector<std::string> ControlTarget::register_names() { return cpu::register_names(); }

u64 ControlTarget::read_register(unsigned n, const std::string& name) {
  if (name == "pc") return pc_of_core(n);
  const std::optional<u64> value = cpu::register_value(core(n), name);
  if (!value) refuse_register(name);
  return *value;
}

void ControlTarget::refuse_register(const std::string& name) {
  const std::vector<std::string> names = cpu::register_names();
  std::string near = config::did_you_mean(name, names);
  if (near.empty()) near = config::did_you_mean(boost::to_upper_copy(name), names);
  refuse("name", fmt::format("no register is called '{}'{}", name.substr(0, 40), near));
}

void ControlTarget::require_between_instructions(unsigned n) {
  if (is_inside_instruction(n))
    refuse("core", fmt::format("core {} is inside an instruction, at a device: step it first", n));
}

control::Vector ControlTarget::read_vector(unsigned n, unsigned v) {
  const cpu::VectorRegister& value = core(n).v[v];
  return {value.d[0], value.d[1]};
}

void ControlTarget::write_vector(unsigned n, unsigned v, const control::Vector& value) {
  require_between_instructions(n);
  core(n).v[v] = {.d = {value[0], value[1]}};
  changed_ |= n == standing_;
}

void ControlTarget::write_register(unsigned n, const std::string& name, u64 value) {
  require_between_instructions(n);
  switch (cpu::set_register(core(n), name, value)) {
    case cpu::RegisterWrite::Done:
      changed_ |= n == standing_;
      return;
    case cpu::RegisterWrite::Unknown:
      refuse_register(name);
    case cpu::RegisterWrite::ReadOnly:
      refuse("name", name + " is read-only");
    case cpu::RegisterWrite::Device:
      refuse("name", name + " is in a timer, the GIC or the performance monitors: a write there takes time");
    case cpu::RegisterWrite::Illegal:
      refuse("value", fmt::format("{:#x} is no legal {} of this core", value, name));
  }
}

std::vector<u8> ControlTarget::read_memory(const control::View& view, u64 address, u64 bytes) {
  return memory_.read(view, address, bytes);
}

void ControlTarget::write_memory(const control::View& view, u64 address, const std::vector<u8>& bytes) {
  memory_.write(view, address, bytes);
  changed_ = true;  // the instruction that comes next may be another one
}

control::Translation ControlTarget::translate(const control::View& view, u64 address, control::AccessType access) {
  return memory_.translate(view, address, access);
}

void ControlTarget::interrupt(control::InterruptKind kind, u32 intid, bool level, unsigned n, u8 priority) {
  switch (kind) {
    case control::InterruptKind::Spi:
      if (intid < kFirstSpi) refuse("intid", fmt::format("{} is not an SPI: they begin at {}", intid, kFirstSpi));
      return platform_.wires().set_spi(intid, level);
    case control::InterruptKind::Ppi:
      if (intid < kFirstPpi || intid >= kFirstSpi)
        refuse("intid", fmt::format("{} is not a PPI: they are {} to {}", intid, kFirstPpi, kFirstSpi - 1));
      return platform_.wires().set_ppi(n, intid, level);
    case control::InterruptKind::Virtual:
      if (!level) refuse("level", "a virtual interrupt is made pending; the guest ends it");
      if (!platform_.list_virtual_interrupt(n, intid, priority))
        refuse("kind", "the core has no hypervisor interface, or no empty list register");
      return;
    case control::InterruptKind::SError:
      return shell(n).drive(cpu::Line::SError, level);
  }
}

// ---- the console

void ControlTarget::printed(u8 byte) {
  output_.push_back(static_cast<char>(byte));
  if (output_.size() > 2 * kOutputKept) output_.erase(0, output_.size() - kOutputKept);
  if (!goal_.text) return;
  recent_.push_back(static_cast<char>(byte));
  if (recent_.size() > goal_.text->size()) recent_.erase(0, recent_.size() - goal_.text->size());
  if (recent_ == *goal_.text) pending_ = StopReason::Text;
}

std::string ControlTarget::console_output() { return std::exchange(output_, {}); }

void ControlTarget::type(const std::string& text) {
  context_.console.type(text);
  platform_.typed_now();
}

}  // namespace tw::command
