#include "platforms/gdb/packets.hpp"

#include <exception>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/gdb/handlers.hpp"

namespace tw::gdb {

namespace {

// Numbers of errors are the debugger's: the GDB manual leaves their meaning open. These are Linux's.
constexpr std::string_view kBadAddress = "E0e", kBadPacket = "E16", kSigint = "02", kSigtrap = "05";

Answer serve_one(const Packet& packet, Attached& attached, std::string_view rest) {
  try {
    return packet.serve(attached, Scanner(rest));
  } catch (const UserError& error) {
    return {packet.errors == Errors::Text ? "E." + message_of(error) : std::string(kBadAddress)};
  } catch (const Malformed&) {
    return {std::string(kBadPacket)};
  } catch (const std::exception& error) {
    return {fmt::format("E.internal error: {}", error.what())};
  }
}

}  // namespace

Answer serve(Attached& attached, std::string_view body) {
  for (const auto& packets : {register_packets(), memory_packets(), resuming_packets(), query_packets()}) {
    for (const Packet& packet : packets) {
      if (body.starts_with(packet.begin)) return serve_one(packet, attached, body.substr(packet.begin.size()));
    }
  }
  return {};  // empty: not known here
}

std::string message_of(const UserError& error) {
  std::string text;
  for (const Complaint& complaint : error.complaints()) text += (text.empty() ? "" : "; ") + complaint.message;
  return text;
}

std::optional<unsigned> take_thread(const Attached& attached, Scanner& rest) {
  if (rest.take("-1")) return std::nullopt;
  const u64 thread = rest.number();
  if (thread == 0) return std::nullopt;
  if (thread > attached.target.cores()) throw Malformed{};
  return static_cast<unsigned>(thread - 1);
}

std::string stop_reply(const Attached& attached) {
  const control::Stop& stop = attached.stop;
  const bool is_pause = stop.reason == control::StopReason::Pause || stop.reason == control::StopReason::Asleep;
  std::string text = fmt::format("T{}thread:{:x};", is_pause ? kSigint : kSigtrap, thread_of(stop.core));
  if (const std::optional<Point> point = attached.points.find(stop.breakpoint)) {
    switch (point->kind) {
      case PointKind::Software:
        text += "swbreak:;";
        break;
      case PointKind::Hardware:
        text += "hwbreak:;";
        break;
      case PointKind::Write:
        text += fmt::format("watch:{:x};", stop.address);
        break;
      case PointKind::Read:
        text += fmt::format("rwatch:{:x};", stop.address);
        break;
      case PointKind::Access:
        text += fmt::format("awatch:{:x};", stop.address);
        break;
    }
  }
  // What a debugger asks first of all.
  for (const unsigned n : {Description::kFramePointer, Description::kLink, Description::kSp, Description::kPc}) {
    const u64 value = attached.target.read_register(stop.core, attached.description.registers()[n].name);
    text += fmt::format("{:x}:{};", n, to_hex(value, sizeof value));
  }
  return text;
}

std::string remark(const control::Stop& stop) {
  if (stop.reason == control::StopReason::Asleep)
    return "All cores wait, and nothing is scheduled that could wake one.\n";
  if (stop.reason == control::StopReason::Exception) return fmt::format("CPU {} has taken an exception.\n", stop.core);
  return {};
}

}  // namespace tw::gdb
