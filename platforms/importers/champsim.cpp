#include "platforms/importers/champsim.hpp"

#include <fmt/format.h>

#include <array>

#include "trace/format.hpp"

namespace tw::importers {
namespace {

struct Layout {
  unsigned destinations, sources;
  std::size_t addresses;  ///< where they begin
  std::size_t bytes;
};
constexpr Layout kInput{.destinations = 2, .sources = 4, .addresses = 16, .bytes = 64};
constexpr Layout kCloudSuite{.destinations = 4, .sources = 4, .addresses = 24, .bytes = 96};
constexpr std::size_t kIp = 0, kIsBranch = 8, kTaken = 9;

LeftOut import_records(Input& input, const Options& options, const Sink& sink, const Layout& layout) {
  std::array<u8, kCloudSuite.bytes> bytes;
  trace::Record record = options.context;
  record.size = 1;
  const auto put = [&](trace::Kind kind, u64 address) {
    if (address == 0) return;
    record.kind = kind;
    record.va = Va{address};
    sink(record);
  };
  for (;;) {
    const u64 offset = input.offset();
    const std::size_t read = input.read(std::span(bytes).first(layout.bytes));
    if (read == 0) return {};
    if (read < layout.bytes) {
      input.fail(offset, fmt::format("truncated: {} bytes of an instruction's {}", read, layout.bytes));
    }
    const u64 ip = trace::get<u64>(&bytes[kIp]);
    if (ip == 0) input.fail(offset, "no instruction of ChampSim's: its address is 0");
    if (bytes[kIsBranch] > 1 || bytes[kTaken] > 1) {
      input.fail(offset + kIsBranch, "no instruction of ChampSim's: what says of a branch is neither 0 nor 1");
    }
    put(trace::Kind::Fetch, ip);
    const u8* const writes = &bytes[layout.addresses];
    const u8* const reads = writes + 8 * layout.destinations;
    for (unsigned n = 0; n < layout.sources; ++n) put(trace::Kind::Read, trace::get<u64>(reads + 8 * n));
    for (unsigned n = 0; n < layout.destinations; ++n) put(trace::Kind::Write, trace::get<u64>(writes + 8 * n));
  }
}

}  // namespace

LeftOut import_champsim(Input& input, const Options& options, const Sink& sink) {
  return import_records(input, options, sink, kInput);
}

LeftOut import_cloudsuite(Input& input, const Options& options, const Sink& sink) {
  return import_records(input, options, sink, kCloudSuite);
}

}  // namespace tw::importers
