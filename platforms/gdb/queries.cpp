// Packets ?, !, q… and Q….
#include <algorithm>

#include <fmt/format.h>

#include "platforms/gdb/handlers.hpp"
#include "platforms/gdb/monitor.hpp"

namespace tw::gdb {

namespace {

/// A part of a long text: qXfer.
Answer part_of(std::string_view all, Scanner rest) {
  const u64 offset = rest.number();
  rest.expect(",");
  const u64 most = std::min<u64>(rest.number(), kPacketBytes / 2);  // an escaped byte takes two
  rest.expect_end();
  if (offset > all.size()) throw Malformed{};
  const std::string_view part = all.substr(offset, most);
  return {(offset + part.size() == all.size() ? "l" : "m") + escape(part)};
}

Answer send_description(Attached& attached, Scanner rest) {
  rest.expect("target.xml:");
  return part_of(attached.description.xml(), rest);
}

/// What a core does, for `info threads`.
std::string describe(control::Target& target, unsigned core) {
  const control::CoreState state = target.state(core);
  if (!state.powered) return "off";
  std::string text = fmt::format("EL{}", state.el);
  if (state.vmid) text += fmt::format(", VMID {}", *state.vmid);
  if (state.waiting) text += ", waits";
  return text;
}

Answer send_threads(Attached& attached, Scanner rest) {
  std::string xml = "<?xml version=\"1.0\"?>\n<threads>\n";
  for (unsigned core = 0; core < attached.target.cores(); ++core) {
    xml += fmt::format("<thread id=\"{:x}\" core=\"{}\" name=\"CPU {}\">{}</thread>\n", thread_of(core), core, core,
                       describe(attached.target, core));
  }
  return part_of(xml + "</threads>\n", rest);
}

Answer say_features(Attached&, Scanner) {
  return {
      fmt::format("PacketSize={:x};QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;swbreak+;hwbreak+;"
                  "vContSupported+",
                  kPacketBytes)};
}

Answer acknowledge_no_more(Attached& attached, Scanner rest) {
  rest.expect_end();
  attached.acknowledges = false;
  return ok();
}

Answer say_stop(Attached& attached, Scanner rest) {
  rest.expect_end();
  attached.core = attached.resumed = attached.stop.core;
  return {stop_reply(attached)};
}

Answer say_core(Attached& attached, Scanner) { return {fmt::format("QC{:x}", thread_of(attached.core))}; }

Answer list_cores(Attached& attached, Scanner) {
  std::string list;
  for (unsigned core = 0; core < attached.target.cores(); ++core)
    list += fmt::format("{}{:x}", core == 0 ? "m" : ",", thread_of(core));
  return {list};
}
Answer end_of_list(Attached&, Scanner) { return {"l"}; }

Answer describe_core(Attached& attached, Scanner rest) {
  const std::optional<unsigned> core = take_thread(attached, rest);
  if (!core) throw Malformed{};
  return {to_hex(fmt::format("CPU {}, {}", *core, describe(attached.target, *core)))};
}

Answer run_monitor(Attached& attached, Scanner rest) {
  const std::optional<std::vector<u8>> bytes = from_hex(rest.rest());
  if (!bytes) throw Malformed{};
  return {.body = "OK", .output = monitor(attached, std::string(bytes->begin(), bytes->end()))};
}

/// QEMU's packets for physical memory, which its users have in their scripts.
Answer say_physical(Attached& attached, Scanner) {
  return {attached.memory.space == control::Space::Physical ? "1" : "0"};
}
Answer choose_physical(Attached& attached, Scanner rest) {
  const bool is_physical = rest.take("1");
  if (!is_physical) rest.expect("0");
  rest.expect_end();
  attached.memory = {is_physical ? control::Space::Physical : control::Space::Virtual};
  return ok();
}

Answer yes(Attached&, Scanner) { return ok(); }
/// The run was there before: a debugger that ends leaves it alone.
Answer was_attached(Attached&, Scanner) { return {"1"}; }

constexpr Packet kPackets[] = {
    {"?", say_stop},
    {"!", yes},
    {"qSupported", say_features},
    {"QStartNoAckMode", acknowledge_no_more},
    {"qAttached", was_attached},
    {"qC", say_core},
    {"qfThreadInfo", list_cores},
    {"qsThreadInfo", end_of_list},
    {"qThreadExtraInfo,", describe_core},
    {"qXfer:features:read:", send_description},
    {"qXfer:threads:read::", send_threads},
    {"qRcmd,", run_monitor},
    {"qqemu.PhyMemMode", say_physical},
    {"Qqemu.PhyMemMode:", choose_physical},
};

}  // namespace

std::span<const Packet> query_packets() { return kPackets; }

}  // namespace tw::gdb
