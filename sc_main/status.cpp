#include "sc_main/status.hpp"

#include <unistd.h>
#include <nlohmann/json.hpp>

namespace tw::command {

namespace {

using Json = nlohmann::ordered_json;

constexpr double kInterval = 0.25;       ///< seconds of the host
constexpr unsigned kSlicesPerLook = 16;  ///< the host's clock is not read after every slice

u64 simulated_ps() { return tlm::to_picoseconds(sc_core::sc_time_stamp()); }

}  // namespace

Status::Status(control::LineWriter& lines, virt::Platform& platform, std::string fidelity)
    : lines_(lines), platform_(platform), fidelity_(std::move(fidelity)) {}

void Status::send(const char* event, Json&& members) {
  Json line = {{"event", event}};
  line.update(members);
  lines_.write(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Status::started() {
  started_ = HostClock::now();
  send("started", {{"version", TW_VERSION},
                   {"pid", getpid()},
                   {"cores", platform_.complexes().size()},
                   {"frequency_hz", tlm::kPicosecondsPerSecond / platform_.clock().period_ps()},
                   {"fidelity", fidelity_}});
}

void Status::phase(region::Phase which, u64 instructions) {
  phase_ = which;
  if (platform_.control().plan().options().sampling) return;  // hundreds a second; progress tells
  send("phase", {{"phase", region::name_of(which)}, {"instructions", instructions}, {"simulated_ps", simulated_ps()}});
}

void Status::update(const cpu::Cpu& cpu) {
  if (lines_.closed() || ++slices_ % kSlicesPerLook != 0) return;
  const double seconds = host_seconds();
  if (seconds - last_seconds_ < kInterval) return;
  const u64 instructions = platform_.control().instructions();
  const cost::Context context = cpu.ledger.context();
  Json members = {{"instructions", instructions},
                  {"simulated_ps", simulated_ps()},
                  {"host_seconds", seconds},
                  {"mips", static_cast<double>(instructions - last_instructions_) / (seconds - last_seconds_) / 1e6},
                  {"phase", region::name_of(phase_)},
                  {"core", cpu.index},
                  {"el", index(context.el)},
                  {"pc", cpu.pc_now().value}};
  if (context.guest) members["vmid"] = context.vmid.value;
  send("progress", std::move(members));
  last_seconds_ = seconds;
  last_instructions_ = instructions;
}

void Status::point_ended(const std::string& name, int end) {
  send("point", {{"name", name}, {end < 0 ? "signal" : "status", end < 0 ? -end : end}});
}

void Status::ended(int exit_status) {
  const virt::RunControl& control = platform_.control();
  send("ended", {{"cause", virt::name_of(control.cause())},
                 {"message", describe(control.cause())},
                 {"status", exit_status},
                 {"instructions", control.instructions()},
                 {"simulated_ps", simulated_ps()},
                 {"host_seconds", host_seconds()}});
}

}  // namespace tw::command
