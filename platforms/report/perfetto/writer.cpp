#include "platforms/report/perfetto/writer.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace tw::report::perfetto {
namespace {

std::string quoted(std::string_view text) {
  using Json = nlohmann::json;
  return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

constexpr u64 kPsInNs = 1000;
constexpr u64 kNsInUs = 1000;

/// Begin and end are rounded each: what nests before nests afterwards.
u64 nanoseconds(u64 ps) { return ps / kPsInNs; }
std::string microseconds(u64 ns) { return fmt::format("{}.{:03}", ns / kNsInUs, ns % kNsInUs); }
std::string at(u64 ps) { return ",\"ts\":" + microseconds(nanoseconds(ps)); }

}  // namespace

void Args::name(std::string_view name) { text_ += (text_.empty() ? "" : ",") + quoted(name) + ":"; }

Args& Args::add(std::string_view name, u64 value) {
  this->name(name);
  text_ += fmt::format("{}", value);
  return *this;
}

Args& Args::add(std::string_view name, std::string_view value) {
  this->name(name);
  text_ += quoted(value);
  return *this;
}

std::string Writer::head(std::string_view kind, Track track, std::string_view name) const {
  return fmt::format("{{\"ph\":\"{}\",\"pid\":{},\"tid\":{},\"name\":{}", kind, track.process, track.thread,
                     quoted(name));
}

void Writer::add(std::string event) { events_ += (events_.empty() ? "" : ",\n") + std::move(event) + "}"; }

void Writer::name_process(u64 process, std::string_view name) {
  add(head("M", {process, process}, "process_name") + ",\"args\":" + Args().add("name", name).text());
  add(head("M", {process, process}, "process_sort_index") + ",\"args\":" + Args().add("sort_index", process).text());
}

void Writer::name_thread(Track track, std::string_view name) {
  add(head("M", track, "thread_name") + ",\"args\":" + Args().add("name", name).text());
  add(head("M", track, "thread_sort_index") + ",\"args\":" + Args().add("sort_index", track.thread).text());
}

void Writer::slice(Track track, std::string_view name, u64 begin_ps, u64 end_ps, const Args& args) {
  const u64 length = nanoseconds(end_ps) - nanoseconds(begin_ps);
  add(head("X", track, name) + at(begin_ps) + ",\"dur\":" + microseconds(length) + ",\"args\":" + args.text());
}

void Writer::counter(u64 process, std::string_view name, std::string_view unit, u64 at_ps, double value) {
  add(head("C", {process, process}, name) + at(at_ps) + fmt::format(",\"args\":{{{}:{:.4f}}}", quoted(unit), value));
}

void Writer::arrow(std::string_view name, Track from, u64 from_ps, Track to, u64 to_ps) {
  const std::string id = fmt::format(",\"cat\":\"interrupt\",\"id\":{}", ++arrows_);
  add(head("s", from, name) + at(from_ps) + id);
  add(head("f", to, name) + at(to_ps) + id + ",\"bp\":\"e\"");
}

std::string Writer::text() const { return "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n" + events_ + "\n]}\n"; }

}  // namespace tw::report::perfetto
