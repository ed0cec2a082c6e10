#include "platforms/gdb/monitor.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"
#include "platforms/gdb/handlers.hpp"

namespace tw::gdb {

namespace {

using Words = std::vector<std::string>;

constexpr u64 kHighestEl = 3, kMostDumped = 4096, kUsuallyDumped = 64, kLine = 16;
constexpr u64 kLastIntid = 1019;
constexpr u8 kUsualPriority = 0xA0;

[[noreturn]] void refuse(const std::string& message) { throw UserError(Complaint{"", message}); }

std::optional<u64> number_if(std::string_view word) {
  const int base = word.starts_with("0x") ? 16 : 10;
  if (base == 16) word.remove_prefix(2);
  u64 value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (word.empty() || error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

u64 number(const std::string& word) {
  const std::optional<u64> value = number_if(word);
  if (!value) refuse(fmt::format("'{}' is not a number", word));
  return *value;
}

/// A number; or the name of a register, which points there.
u64 address(Attached& attached, const Words& words) {
  if (words.empty()) refuse("which address? A number, or a register's name");
  if (const std::optional<u64> value = number_if(words[0])) return *value;
  return attached.target.read_register(attached.core, words[0].starts_with('$') ? words[0].substr(1) : words[0]);
}

unsigned exception_level(const std::string& word) {
  const std::optional<u64> level = word.starts_with("el") ? number_if(word.substr(2)) : std::nullopt;
  if (!level || *level > kHighestEl) refuse(fmt::format("'{}' is none of el0, el1, el2, el3", word));
  return static_cast<unsigned>(*level);
}

std::string describe(Attached& attached, unsigned core) {
  const control::CoreState state = attached.target.state(core);
  std::string text = fmt::format("CPU {}: EL{}", core, state.el);
  if (state.vmid) text += fmt::format(", VMID {}", *state.vmid);
  text += fmt::format(", pc {:#x}, {} instructions, {} cycles", state.pc, state.instructions, state.cycles);
  if (!state.powered) text += ", off";
  if (state.waiting) text += ", waits";
  return text + "\n";
}

std::string el(Attached& attached, const Words&, const std::string&) {
  return fmt::format("EL{}\n", attached.target.state(attached.core).el);
}

std::string state(Attached& attached, const Words&, const std::string&) {
  std::string text;
  for (unsigned core = 0; core < attached.target.cores(); ++core) text += describe(attached, core);
  const control::Position position = attached.target.position(attached.stop.core);
  return text + fmt::format("{} instructions, {} ps\n", position.instructions, position.simulated_ps);
}

std::string describe(const control::Translation& found) {
  std::string text;
  for (const control::Fetch& fetch : found.walk) {
    text += fmt::format("stage {} level {}", fetch.stage, fetch.level);
    if (fetch.stage == 2 && fetch.for_stage1_level >= 0)
      text += fmt::format(", for the stage 1 descriptor of level {}", fetch.for_stage1_level);
    text += fmt::format(": [{:#x}] = {:#018x}\n", fetch.address, fetch.descriptor);
  }
  if (!found.fault.empty())
    return text + fmt::format("{} fault, stage {} level {}\n", found.fault, found.fault_stage, found.fault_level);
  if (found.ipa) text += fmt::format("IPA {:#x}, ", *found.ipa);
  return text + fmt::format("PA {:#x}, {} bytes, {}{}{} {}\n", *found.pa, found.page_bytes, found.readable ? 'r' : '-',
                            found.writable ? 'w' : '-', found.executable ? 'x' : '-', found.memory);
}

std::string translate(Attached& attached, const Words& words, const std::string&) {
  control::View view{.space = control::Space::Virtual, .core = attached.core, .el = {}};
  auto access = control::AccessType::Read;
  const u64 where = address(attached, words);
  for (std::size_t n = 1; n < words.size(); ++n) {
    constexpr std::string_view kAccesses[] = {"read", "write", "fetch"};
    const auto* found = std::find(std::begin(kAccesses), std::end(kAccesses), words[n]);
    if (found != std::end(kAccesses)) {
      access = static_cast<control::AccessType>(found - std::begin(kAccesses));
    } else if (words[n] == "ipa") {
      view.space = control::Space::Ipa;
    } else {
      view.el = exception_level(words[n]);
    }
  }
  if (view.el && view.space == control::Space::Ipa) refuse("only virtual addresses are seen from an Exception level");
  return describe(attached.target.translate(view, where, access));
}

std::string dump(Attached& attached, const Words& words, control::Space space) {
  const u64 first = address(attached, words);
  const u64 bytes = words.size() > 1 ? number(words[1]) : kUsuallyDumped;
  if (bytes == 0 || bytes > kMostDumped) refuse(fmt::format("1 to {} bytes", kMostDumped));
  const std::vector<u8> data =
      attached.target.read_memory({.space = space, .core = attached.core, .el = {}}, first, bytes);
  std::string text;
  for (u64 at = 0; at < bytes; at += kLine) {
    text += fmt::format("{:#x}:", first + at);
    for (u64 n = at; n < std::min(at + kLine, bytes); ++n) text += fmt::format(" {:02x}", data[n]);
    text += '\n';
  }
  return text;
}

std::string physical(Attached& attached, const Words& words, const std::string&) {
  return dump(attached, words, control::Space::Physical);
}
std::string intermediate(Attached& attached, const Words& words, const std::string&) {
  return dump(attached, words, control::Space::Ipa);
}

std::string view(Attached& attached, const Words& words, const std::string&) {
  if (!words.empty()) {
    MemoryView chosen;
    if (words[0] == "physical") {
      chosen.space = control::Space::Physical;
    } else if (words[0] == "ipa") {
      chosen.space = control::Space::Ipa;
    } else if (words[0] != "virtual") {
      chosen.el = exception_level(words[0]);
    }
    attached.memory = chosen;
  }
  switch (attached.memory.space) {
    case control::Space::Physical:
      return "memory is seen by physical addresses\n";
    case control::Space::Ipa:
      return "memory is seen by intermediate physical addresses\n";
    case control::Space::Virtual:
      break;
  }
  if (attached.memory.el) return fmt::format("memory is seen as EL{} sees it\n", *attached.memory.el);
  return "memory is seen as the core sees it where it is\n";
}

std::string catch_exceptions(Attached& attached, const Words& words, const std::string&) {
  if (!words.empty()) {
    u8 chosen = 0;
    for (const std::string& word : words) {
      if (word != "off") chosen = static_cast<u8>(chosen | 1U << exception_level(word));
    }
    attached.exceptions = chosen;
  }
  std::string text;
  for (u64 level = 0; level <= kHighestEl; ++level) {
    if ((attached.exceptions >> level & 1) != 0) text += fmt::format(" EL{}", level);
  }
  return text.empty() ? "exceptions do not stop the run\n"
                      : fmt::format("`continue` stops at exceptions taken to{}\n", text);
}

std::string interrupt(Attached& attached, const Words& words, const std::string&) {
  constexpr std::string_view kKinds[] = {"spi", "ppi", "virtual", "serror"};
  const auto* found = words.empty() ? std::end(kKinds) : std::find(std::begin(kKinds), std::end(kKinds), words[0]);
  if (found == std::end(kKinds)) refuse("which kind? spi, ppi, virtual or serror");
  const auto kind = static_cast<control::InterruptKind>(found - std::begin(kKinds));
  const bool is_numbered = kind != control::InterruptKind::SError;
  if (is_numbered && words.size() < 2) refuse("which INTID?");
  const u64 intid = is_numbered ? number(words[1]) : 0;
  if (intid > kLastIntid) refuse(fmt::format("an INTID is {} at most", kLastIntid));
  const std::string level = words.size() > (is_numbered ? 2U : 1U) ? words.back() : "high";
  if (level != "high" && level != "low") refuse(fmt::format("'{}' is neither high nor low", level));
  attached.target.interrupt(kind, static_cast<u32>(intid), level == "high", attached.core, kUsualPriority);
  return {};
}

std::string console(Attached& attached, const Words&, const std::string&) { return attached.target.console_output(); }

std::string type(Attached& attached, const Words&, const std::string& text) {
  attached.target.type(text + "\r");
  return {};
}

std::string report(Attached& attached, const Words& words, const std::string&) {
  if (words.size() != 1) refuse("which file? PATH.json, PATH.txt or PATH.html");
  attached.target.report(words[0]);
  return {};
}

std::string help(Attached&, const Words&, const std::string&) {
  std::string text;
  for (const MonitorCommand& command : monitor_commands()) {
    text += fmt::format("{} {}\n    {}\n", command.name, command.arguments, command.help);
  }
  return text;
}

constexpr MonitorCommand kCommands[] = {
    {"help", "", "this list", help},
    {"el", "", "the Exception level of the chosen CPU", el},
    {"state", "", "of all CPUs, and simulated time", state},
    {"translate", "ADDRESS [el0..el3|ipa] [read|write|fetch]",
     "through the tables as they are, with the walk; ADDRESS is a number or a register", translate},
    {"phys", "ADDRESS [BYTES]", "memory at a physical address", physical},
    {"ipa", "ADDRESS [BYTES]", "memory at an intermediate physical address", intermediate},
    {"view", "[virtual|el0..el3|ipa|physical]", "how the debugger's own addresses are seen from now on", view},
    {"catch", "[el1..el3 ...|off]", "which exceptions stop a `continue`, at their vector", catch_exceptions},
    {"interrupt", "spi|ppi|virtual|serror [INTID] [high|low]", "drives an interrupt's wire", interrupt},
    {"console", "", "what the serial line has printed since this was asked last", console},
    {"type", "TEXT", "a line on the serial line", type},
    {"report", "PATH", "a report as if the run ended now", report},
};

}  // namespace

std::span<const MonitorCommand> monitor_commands() { return kCommands; }

std::string monitor(Attached& attached, const std::string& line) {
  std::istringstream stream(line);
  std::string name;
  stream >> name;
  const std::size_t begin = line.find_first_not_of(" \t", line.find(name) + name.size());
  const std::string text = begin == std::string::npos ? std::string() : line.substr(begin);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  try {
    for (const MonitorCommand& command : kCommands) {
      if (command.name == name) return command.perform(attached, words, text);
    }
    std::vector<std::string> names;
    for (const MonitorCommand& command : kCommands) names.emplace_back(command.name);
    refuse(fmt::format("no command '{}'{}; `monitor help` lists them", name.substr(0, 40),
                       config::did_you_mean(name, names)));
  } catch (const UserError& error) {
    return message_of(error) + "\n";
  }
}

}  // namespace tw::gdb
