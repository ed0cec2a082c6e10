// Registers, commands, tables, DMA, ATS and PRI of a whole SMMU whose memory is anything: nothing goes astray, it comes
// to rest, each stalled transaction goes on once at most, and a debugger's look has no effect and tells what a read
// gives.
#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <set>
#include <vector>

#include "fuzz/input.hpp"
#include "smmu/smmu.hpp"

using namespace tw;

namespace {

constexpr u64 kMemory = 0x1'0000;
constexpr u64 kNever = std::numeric_limits<u64>::max();

/// Small: beyond it everything aborts.
class Memory final : public smmu::MemoryPort {
 public:
  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override {
    vmsa::DescriptorReply reply;
    reply.ok = inside(request.address, 8);
    reply.cycles = request.timed ? 7 : 0;
    if (reply.ok) std::memcpy(&reply.value, at(request.address), 8);
    return reply;
  }
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) override {
    const vmsa::DescriptorReply reply = fetch(request);
    if (reply.ok && reply.value == expected) std::memcpy(at(request.address), &desired, 8);
    return reply;
  }
  smmu::MemoryReply read(Pa from, std::span<u8> into, Security, u64, bool timed) override {
    fuzz::require(from.value % 64 + into.size() <= 64);
    if (!inside(from, into.size())) return {.ok = false, .cycles = 3};
    std::memcpy(into.data(), at(from), into.size());
    return {.ok = true, .cycles = timed ? 7u : 0u};
  }
  smmu::MemoryReply write(Pa to, std::span<const u8> from, Security, u64) override {
    fuzz::require(from.size() == 4 || from.size() == 16 || from.size() == 32);
    fuzz::require(to.value % from.size() == 0);
    if (!inside(to, from.size())) return {.ok = false, .cycles = 3};
    std::memcpy(at(to), from.data(), from.size());
    return {.ok = true, .cycles = 7};
  }
  void store(u64 offset, u64 value) { std::memcpy(bytes_.data() + offset % (kMemory / 8) * 8, &value, 8); }

 private:
  static bool inside(Pa from, std::size_t bytes) { return from.value < kMemory && kMemory - from.value >= bytes; }
  u8* at(Pa from) { return bytes_.data() + from.value; }
  std::vector<u8> bytes_ = std::vector<u8>(kMemory);
};

struct Signals final : smmu::SignalPort {
  u64 now() const override { return time; }
  void work_at(u64 when) override { wish = std::min(wish, when); }
  void pulse(smmu::Wire, Security) override { ++heard; }
  void send_event() override { ++heard; }
  void resume(u16 stag, smmu::StallVerdict) override {
    fuzz::require(stalled.erase(stag) == 1);
    ++heard;
  }
  u64 time = 0, wish = kNever, heard = 0;
  std::set<u16> stalled;
};

struct Endpoints final : smmu::EndpointPort {
  bool invalidate(const smmu::AtcInvalidate& what) override {
    fuzz::require(what.size_bits == 64 || what.address.offset_in(u64{1} << what.size_bits) == 0);
    if (what.tag % 3 != 0) outstanding.push_back(what.tag);
    return what.tag % 3 != 0;
  }
  void respond(const smmu::PageResponse&) override {}
  std::vector<u32> outstanding;
};

smmu::Config configuration(fuzz::Input& input) {
  smmu::Config config;
  const u16 bits = input.take<u16>();
  config.stage1 = (bits & 3) != 1;
  config.stage2 = (bits & 3) != 2;
  config.secure = bits >> 2 & 1;
  config.range_invalidation = bits >> 3 & 1;
  config.ats = bits >> 4 & 1;
  config.pri = config.ats && (bits >> 5 & 1);
  config.msi = bits >> 6 & 1;
  config.asid16 = bits >> 7 & 1;
  config.ssid_bits = bits >> 8 & 1 ? 16 : 0;
  config.stall = bits >> 9 & 1 ? "both" : "terminate";
  config.tbu_entries = bits >> 10 & 1 ? 4 : 0;
  config.tlb_entries = bits >> 11 & 1 ? 8 : 0;
  config.prefetch = bits >> 12 & 1 ? "next-page" : "none";
  config.stall_max = 3;
  config.atc_timeout = 1000;
  return config;
}

struct Machine {
  explicit Machine(fuzz::Input& input) : config(configuration(input)) {}

  void write(u64 offset, u64 value, u8 size = 4, Security security = Security::NonSecure) {
    smmu.access({.offset = offset, .size = size, .write = true, .value = value, .security = security});
  }
  /// What it wishes to do until `until`. No wish is kept for ever: each step is a command's, and time goes on.
  void run(u64 until) {
    for (unsigned steps = 0; signals.wish <= until; ++steps) {
      fuzz::require(steps < 100'000);
      signals.time = std::max(signals.time, signals.wish);
      signals.wish = kNever;
      smmu.work(signals.time);
    }
    signals.time = std::max(signals.time, until);
  }
  void look(u64 offset, u8 size, Security security) {
    smmu.work(signals.time);
    MmioAccess access{.offset = offset, .size = size, .security = security, .debug = true};
    const u64 heard = signals.heard;
    const u64 peeked = smmu.access(access).value;
    fuzz::require(signals.heard == heard);
    access.debug = false;
    fuzz::require(smmu.access(access).value == peeked);
  }
  void dma(const smmu::Request& request) {
    const u64 heard = signals.heard;
    smmu.peek(request);
    fuzz::require(signals.heard == heard);
    const smmu::Response response = smmu.translate(0, request, signals.time);
    if (response.outcome == smmu::Outcome::Stalled) {
      fuzz::require(request.may_stall && signals.stalled.insert(response.stag).second);
    }
  }

  smmu::Config config;
  Memory memory;
  Signals signals;
  Endpoints endpoints;
  smmu::Smmu smmu{config, 1, memory, signals, endpoints};
};

smmu::StreamKey key(fuzz::Input& input) {
  const u8 bits = input.take<u8>();
  return {.stream = StreamId{bits & 7u}, .substream = bits >> 3 & 3u, .has_substream = (bits >> 5 & 1) != 0};
}

/// Where its queues and tables are: something that works, to be damaged.
void program(Machine& m) {
  m.write(0x80, 0x1000, 8);  // STRTAB_BASE, eight STEs
  m.write(0x88, 3);
  m.write(0x90, 0x2000 | 2, 8);  // queues of four entries
  m.write(0xA0, 0x2100 | 2, 8);
  m.write(0xC0, 0x2200 | 2, 8);
  m.write(0x50, 7);
  m.write(0x20, 0x1F);
  for (u64 stream = 0; stream < 8; ++stream) {
    // Stage 1 by the CD at 0x3000; its table, at 0x4000, begins with blocks and pages of anything.
    m.memory.store((0x1000 + stream * 64) / 8, 1 | 5 << 1 | 0x3000 | (stream & 1 ? u64{2} << 59 : 0));
    m.memory.store((0x1000 + stream * 64) / 8 + 1, u64{1} << 28 | u64{1} << 44 | 2);
  }
  for (u64 cd = 0; cd < 4; ++cd) {
    m.memory.store((0x3000 + cd * 64) / 8,
                   25 | u64{1} << 30 | u64{1} << 31 | u64{2} << 32 | u64{7} << 41 | u64{1} << 44 | u64{3} << 45);
    m.memory.store((0x3000 + cd * 64) / 8 + 1, 0x4000);
    m.memory.store((0x3000 + cd * 64) / 8 + 3, 0xFF);
  }
  m.memory.store(0x4000 / 8, 1 | 1 << 6);  // a block whose Access flag hardware may set
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::Input input(data, size);
  Machine m(input);
  program(m);
  u32 prod = 0;
  while (!input.empty()) {
    const u8 what = input.take<u8>();
    const Security security = what & 0x10 ? Security::Secure : Security::NonSecure;
    switch (what & 0xF) {
      case 0:
      case 1:
        m.memory.store(input.take<u16>(), input.take<u64>());
        break;
      case 2:
      case 3: {
        constexpr u64 kPages[] = {0, 0, 0x8000, 0x10000};
        constexpr u8 kSizes[] = {4, 4, 8, 8, 4, 2, 1, 4};
        const u64 offset = kPages[input.below(4)] + (input.take<u8>() & ~3u);
        m.write(offset, input.take<u64>(), kSizes[what >> 5], security);
        break;
      }
      case 4:
        m.look(input.take<u16>() & 0xFFFC, what & 0x20 ? 8 : 4, security);
        break;
      case 5:
      case 6:
      case 7: {  // a command, and the doorbell
        const u64 at = 0x2000 / 8 + (prod & 3) * 2;
        m.memory.store(at, input.take<u8>() | u64{input.take<u32>()} << 8 | u64{input.take<u8>() & 7u} << 32);
        m.memory.store(at + 1, input.take<u64>());
        prod = (prod + 1) & 7;
        m.write(0x98, prod);
        break;
      }
      case 8:
      case 9:
      case 10: {
        smmu::Request request;
        request.from = key(input);
        request.address = Iova{what & 0x80 ? input.take<u64>() : input.take<u32>()};
        const u8 bits = input.take<u8>();
        request.write = bits & 1;
        request.privileged = bits & 2;
        request.instruction = bits & 4;
        request.translated = bits & 8;
        request.may_stall = bits & 16;
        request.security = what & 0x40 ? security : Security::NonSecure;
        m.dma(request);
        break;
      }
      case 11: {
        smmu::AtsRequest request;
        request.from = key(input);
        request.address = Iova{input.take<u64>()};
        request.write = what & 0x20;
        m.smmu.ats_translate(0, request, m.signals.time);
        break;
      }
      case 12: {
        smmu::PageRequest request;
        request.from = key(input);
        request.page = input.take<u64>() >> 12;
        request.group = what;
        request.read = what & 0x20;
        request.last = what & 0x40;
        m.smmu.page_request(request, m.signals.time);
        break;
      }
      case 13:
        if (m.endpoints.outstanding.empty()) break;
        m.smmu.atc_invalidated(m.endpoints.outstanding.back(), m.signals.time);
        m.endpoints.outstanding.pop_back();
        break;
      case 14:
        m.write(0x64, input.take<u32>());
        break;
      default:
        if (what == 0xFF) m.smmu.reset();
        m.run(m.signals.time + input.take<u16>());
        break;
    }
  }
  m.run(m.signals.time + 1'000'000);
  m.smmu.statistics();
  m.smmu.clear_statistics();
  m.smmu.reset();
  fuzz::require(m.signals.stalled.empty());
  return 0;
}
