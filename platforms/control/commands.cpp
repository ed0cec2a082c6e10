#include "platforms/control/commands.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"

namespace tw::control {

namespace {

using Json = nlohmann::ordered_json;

constexpr u64 kHighestEl = 3;

unsigned core_of(const Target& target, const Members& request) {
  return request.has("core") ? static_cast<unsigned>(request.number_within("core", target.cores() - 1)) : 0;
}

std::optional<unsigned> core_if(const Target& target, const Members& request) {
  return request.has("core") ? std::optional(core_of(target, request)) : std::nullopt;
}

View view_of(const Target& target, const Members& request) {
  View view{.space = static_cast<Space>(request.one_of("space", {"physical", "ipa", "virtual"}, "virtual")),
            .core = core_of(target, request),
            .el = {}};
  if (request.has("el")) view.el = static_cast<unsigned>(request.number_within("el", kHighestEl));
  if (view.el && view.space != Space::Virtual)
    throw UserError(Complaint{"el", "only virtual addresses are seen from an Exception level"});
  return view;
}

/// "address", or "symbol" in its place.
u64 address_of(Target& target, const Members& request) {
  if (!request.has("symbol")) return request.number("address");
  if (request.has("address")) throw UserError(Complaint{"address, symbol", "one of the two"});
  return target.address_of(request.text("symbol"));
}

u64 instruction_at(u64 address) {
  if (address % 4 != 0) throw UserError(Complaint{"address", fmt::format("{:#x} is not at an instruction", address)});
  return address;
}

std::string hex(const std::vector<u8>& bytes) {
  std::string text;
  for (const u8 byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

void step(Target& target, const Members& request, Json&) {
  Goal goal{.steps = request.number_if("count").value_or(1), .core = core_of(target, request)};
  if (*goal.steps == 0) throw UserError(Complaint{"count", "is 0"});
  target.set_goal(goal);
}

void go_on(Target& target, const Members& request, Json&) {
  Goal goal{.instructions = request.number_if("instructions"),
            .simulated_ps = request.number_if("simulated_ps"),
            .text = request.text_if("text"),
            .exceptions = request.set("exceptions", kHighestEl),
            .core = core_if(target, request)};
  if (request.has("address") || request.has("symbol")) goal.address = instruction_at(address_of(target, request));
  if (goal.instructions && *goal.instructions == 0) throw UserError(Complaint{"instructions", "is 0"});
  if (goal.text && goal.text->empty()) throw UserError(Complaint{"text", "is empty"});
  if (goal.core && !goal.address) throw UserError(Complaint{"core", "goes with address or symbol"});
  target.set_goal(goal);
}

void state(Target& target, const Members& request, Json& result) {
  const unsigned core = core_of(target, request);
  const CoreState now = target.state(core);
  result = {{"core", core},           {"pc", now.pc},
            {"el", now.el},           {"instructions", now.instructions},
            {"cycles", now.cycles},   {"powered", now.powered},
            {"waiting", now.waiting}, {"simulated_ps", target.position(core).simulated_ps}};
  if (now.vmid) result["vmid"] = *now.vmid;
}

/// All general registers, or those of "names".
void registers(Target& target, const Members& request, Json& result) {
  const unsigned core = core_of(target, request);
  if (request.has("name")) {
    const std::string name = request.text("name");
    result[name] = target.read_register(core, name);
    return;
  }
  for (unsigned n = 0; n <= 30; ++n) {
    const std::string name = fmt::format("x{}", n);
    result[name] = target.read_register(core, name);
  }
  for (const char* name : {"sp", "pc", "pstate"}) result[name] = target.read_register(core, name);
}

void set_register(Target& target, const Members& request, Json&) {
  target.write_register(core_of(target, request), request.text("name"), request.number("value"));
}

void register_names(Target& target, const Members&, Json& result) { result["names"] = target.register_names(); }

void read_memory(Target& target, const Members& request, Json& result) {
  const u64 bytes = request.number_within("bytes", Target::kLongest);
  result["data"] = hex(target.read_memory(view_of(target, request), address_of(target, request), bytes));
}

void write_memory(Target& target, const Members& request, Json&) {
  const std::vector<u8> bytes = request.bytes("data");
  if (bytes.size() > Target::kLongest) throw UserError(Complaint{"data", "is longer than 1 MB"});
  target.write_memory(view_of(target, request), address_of(target, request), bytes);
}

void translate(Target& target, const Members& request, Json& result) {
  const View view = view_of(target, request);
  if (view.space == Space::Physical) throw UserError(Complaint{"space", "a physical address is not translated"});
  const auto access = static_cast<AccessType>(request.one_of("access", {"read", "write", "fetch"}, "read"));
  const Translation found = target.translate(view, address_of(target, request), access);
  if (!found.fault.empty()) {
    result["fault"] = {{"type", found.fault}, {"stage", found.fault_stage}, {"level", found.fault_level}};
  } else {
    result = {{"page_bytes", found.page_bytes},
              {"readable", found.readable},
              {"writable", found.writable},
              {"executable", found.executable},
              {"memory", found.memory}};
  }
  if (found.pa) result["pa"] = *found.pa;
  if (found.ipa) result["ipa"] = *found.ipa;
  Json walk = Json::array();
  for (const Fetch& fetch : found.walk) {
    Json row = {{"stage", fetch.stage}, {"level", fetch.level}};
    if (fetch.for_stage1_level >= 0) row["for_stage1_level"] = fetch.for_stage1_level;
    row["address"] = fetch.address;
    row["descriptor"] = fetch.descriptor;
    walk.push_back(std::move(row));
  }
  result["walk"] = std::move(walk);
}

void symbol(Target& target, const Members& request, Json& result) {
  result["address"] = target.address_of(request.text("name"));
}

void add_breakpoint(Target& target, const Members& request, Json& result) {
  result["number"] =
      target.add_breakpoint({.address = instruction_at(address_of(target, request)), .core = core_if(target, request)});
}

void add_watchpoint(Target& target, const Members& request, Json& result) {
  constexpr u64 kMost = u64{1} << 20;
  Breakpoint what{.address = address_of(target, request), .core = core_if(target, request), .bytes = 8};
  if (request.has("bytes")) what.bytes = request.number_within("bytes", kMost);
  if (what.bytes == 0) throw UserError(Complaint{"bytes", "is 0"});
  if (what.address + (what.bytes - 1) < what.address)
    throw UserError(Complaint{"bytes", fmt::format("{} from {:#x} on are not there", what.bytes, what.address)});
  const unsigned access = request.one_of("access", {"write", "read", "any"}, "write");
  what.writes = access != 1;
  what.reads = access != 0;
  result["number"] = target.add_breakpoint(what);
}

void delete_breakpoint(Target& target, const Members& request, Json&) {
  target.delete_breakpoint(request.number("number"));
}

void list_breakpoints(Target& target, const Members&, Json& result) {
  result["breakpoints"] = Json::array();
  for (const Breakpoint& breakpoint : target.breakpoints()) {
    Json row = {{"number", breakpoint.number}, {"address", breakpoint.address}, {"hits", breakpoint.hits}};
    if (breakpoint.core) row["core"] = *breakpoint.core;
    if (breakpoint.bytes != 0) {
      row["bytes"] = breakpoint.bytes;
      row["access"] = !breakpoint.reads ? "write" : breakpoint.writes ? "any" : "read";
    }
    result["breakpoints"].push_back(std::move(row));
  }
}

void interrupt(Target& target, const Members& request, Json&) {
  constexpr u64 kLastIntid = 1019, kLowestPriority = 0xFF, kUsualPriority = 0xA0;
  const auto kind = static_cast<InterruptKind>(request.one_of("kind", {"spi", "ppi", "virtual", "serror"}, "spi"));
  const bool numbered = kind != InterruptKind::SError;
  const u64 priority = request.has("priority") ? request.number_within("priority", kLowestPriority) : kUsualPriority;
  target.interrupt(kind, numbered ? static_cast<u32>(request.number_within("intid", kLastIntid)) : 0,
                   request.truth("level", true), core_of(target, request), static_cast<u8>(priority));
}

void console(Target& target, const Members&, Json& result) { result["text"] = target.console_output(); }

void type(Target& target, const Members& request, Json&) { target.type(request.text("text")); }

void report(Target& target, const Members& request, Json&) { target.report(request.text("path")); }

void quit(Target& target, const Members&, Json&) { target.quit(false); }

const Command kCommands[] = {
    {"step", {"count", "core"}, After::Go, step},
    {"continue", {"instructions", "simulated_ps", "address", "symbol", "text", "exceptions", "core"}, After::Go, go_on},
    {"state", {"core"}, After::Stay, state},
    {"registers", {"core", "name"}, After::Stay, registers},
    {"set-register", {"core", "name", "value"}, After::Stay, set_register},
    {"register-names", {}, After::Stay, register_names},
    {"read-memory", {"space", "core", "el", "address", "symbol", "bytes"}, After::Stay, read_memory},
    {"write-memory", {"space", "core", "el", "address", "symbol", "data"}, After::Stay, write_memory},
    {"translate", {"space", "core", "el", "address", "symbol", "access"}, After::Stay, translate},
    {"symbol", {"name"}, After::Stay, symbol},
    {"add-breakpoint", {"address", "symbol", "core"}, After::Stay, add_breakpoint},
    {"add-watchpoint", {"address", "symbol", "core", "bytes", "access"}, After::Stay, add_watchpoint},
    {"delete-breakpoint", {"number"}, After::Stay, delete_breakpoint},
    {"breakpoints", {}, After::Stay, list_breakpoints},
    {"interrupt", {"kind", "intid", "level", "core", "priority"}, After::Stay, interrupt},
    {"console", {}, After::Stay, console},
    {"type", {"text"}, After::Stay, type},
    {"report", {"path"}, After::Stay, report},
    {"quit", {}, After::End, quit},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command& find_command(const std::string& name) {
  for (const Command& command : kCommands) {
    if (command.name == name) return command;
  }
  std::vector<std::string> names{"pause"};
  for (const Command& command : kCommands) names.emplace_back(command.name);
  throw UserError(
      Complaint{"command", fmt::format("no '{}'{}", name.substr(0, 40), config::did_you_mean(name, names))});
}

std::string_view name_of(StopReason reason) {
  static constexpr std::string_view kNames[] = {"start", "steps", "instructions", "time",  "breakpoint", "watchpoint",
                                                "goal",  "text",  "exception",    "pause", "asleep",     "ended"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(StopReason::Ended) + 1);
  return kNames[static_cast<unsigned>(reason)];
}

Json encode(const Stop& stop, Target& target) {
  const CoreState core = target.state(stop.core);
  const Position position = target.position(stop.core);
  Json result = {{"reason", name_of(stop.reason)},
                 {"core", stop.core},
                 {"pc", core.pc},
                 {"el", core.el},
                 {"instructions", position.instructions},
                 {"simulated_ps", position.simulated_ps}};
  if (core.vmid) result["vmid"] = *core.vmid;
  if (stop.breakpoint != 0) result["breakpoint"] = stop.breakpoint;
  if (stop.reason == StopReason::Watchpoint) {
    result["address"] = stop.address;
    result["write"] = stop.write;
  }
  if (stop.reason == StopReason::Ended) {
    result["cause"] = stop.cause;
    result["message"] = stop.message;
    result["status"] = stop.status;
  }
  return result;
}

}  // namespace tw::control
