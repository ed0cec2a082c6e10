// One stream of an SMMU, with an STE and a CD near to valid ones and tables of anything: each transaction ends in an
// address, within OAS and by as many fetches as the deepest walk makes, or in an event; and caches change none of it.
#include <algorithm>
#include <unordered_map>

#include "fuzz/input.hpp"
#include "smmu/smmu.hpp"

using namespace tw;

namespace {

constexpr u64 kSte = 0x1'0000, kCd = 0x2'0000, kEvents = 0x3'0000;

/// What is not written is a function of its address and of the input, so that it is the same at each look.
class Memory final : public smmu::MemoryPort {
 public:
  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override {
    look(request.address.value);
    return {.ok = !aborts(request.address.value), .value = word(request.address.value), .cycles = 1};
  }
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) override {
    look(request.address.value);
    u64& value = word(request.address.value);
    const u64 before = value;
    if (before == expected) value = desired;
    return {.value = before, .cycles = 1};
  }
  smmu::MemoryReply read(Pa at, std::span<u8> into, Security, u64, bool) override {
    look(at.value);
    for (std::size_t i = 0; i < into.size(); ++i) {
      into[i] = static_cast<u8>(word((at.value + i) & ~u64{7}) >> (at.value + i) % 8 * 8);
    }
    return {!aborts(at.value), 1};
  }
  smmu::MemoryReply write(Pa, std::span<const u8>, Security, u64) override { return {}; }

  void set(u64 address, const std::array<u64, 8>& words) {
    for (unsigned i = 0; i < 8; ++i) word(address + i * 8) = words[i];
  }
  u64 salt = 0;
  u64 limit = 0;
  unsigned looks = 0;

 private:
  void look(u64 address) {
    fuzz::require(address < limit);
    ++looks;
  }
  static bool aborts(u64 address) { return (address & 0xF'F000) == 0xE'E000; }
  /// Mostly what a table holds: tables and pages near by.
  u64& word(u64 address) {
    const auto [place, fresh] = words_.try_emplace(address, 0);
    if (fresh) {
      u64 x = (address + salt) * 0x9E37'79B9'7F4A'7C15;
      x ^= x >> 29;
      x *= 0xBF58'476D'1CE4'E5B9;
      x ^= x >> 32;
      const u64 attributes = (x & 0x0060'0000'0000'0FFC) | 0x440;
      place->second = x % 8 == 0 ? x : (x >> 8 & 0xF'F000) | attributes | (x % 16 == 1 ? 1 : 3);
    }
    return place->second;
  }
  std::unordered_map<u64, u64> words_;
};

class Around final : public smmu::SignalPort, public smmu::EndpointPort {
 public:
  u64 now() const override { return 0; }
  void work_at(u64) override {}
  void pulse(smmu::Wire, Security) override {}
  void send_event() override {}
  void resume(u16, smmu::StallVerdict) override {}
  bool invalidate(const smmu::AtcInvalidate&) override { return false; }
  void respond(const smmu::PageResponse&) override {}
};

smmu::Config configuration(fuzz::Input& input) {
  smmu::Config config;
  constexpr u8 kSizes[] = {32, 36, 40, 42, 44, 48};
  config.pa_bits = kSizes[input.below(6)];
  const u16 has = input.take<u16>();
  config.granule_16k = has & 4;
  config.granule_64k = has & 8;
  config.aarch32 = has & 16;
  config.asid16 = has & 32;
  config.vmid16 = has & 64;
  config.hyp = has & 128;
  constexpr const char* kHttu[] = {"none", "dirty", "access"};
  constexpr const char* kStall[] = {"both", "terminate", "stall"};
  config.httu = kHttu[input.below(3)];
  config.stall = kStall[input.below(3)];
  config.prefetch = (has & 256) != 0 ? "next-page" : "none";
  return config;
}

/// One bit in eight of a byte's worth of fields is another; or none.
void disturb(std::array<u64, 8>& words, fuzz::Input& input) {
  for (unsigned n = input.below(6); n != 0; --n) words[input.below(4)] ^= u64{input.take<u8>()} << input.below(57);
}

void program(smmu::Smmu& smmu, unsigned e2h_and_checks) {
  const auto write = [&](u64 offset, u64 value, u8 bytes) {
    smmu.access({.offset = offset, .size = bytes, .write = true, .value = value});
  };
  write(0x80, kSte, 8);
  write(0x88, 0, 4);
  write(0xA0, kEvents, 8);
  write(0x2C, e2h_and_checks & 1, 4);
  write(0x20, 5 | (e2h_and_checks & 2) << 3, 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::Input input(data, size);
  const smmu::Config config = configuration(input);
  smmu::Config without = config;
  without.prefetch = "none";
  without.tbu_entries = without.tlb_entries = without.walk_cache_entries = without.walk_cache2_entries = 0;
  without.ipa_entries = without.ste_entries = without.cd_entries = 0;

  Memory memory;
  memory.salt = input.take<u64>();
  memory.limit = u64{1} << config.pa_bits;
  // Nested, 4 KB: V, Config; EL1, SHCFG; S2T0SZ, S2SL0, S2PS, S2AA64, S2R; S2TTB.
  const u64 start = input.below(8);
  std::array<u64, 8> ste = {kCd | 1 | (4 | (start & 3)) << 1, u64{1} << 44, 0, 0};
  ste[2] = u64{1} | u64{25} << 32 | u64{1} << 38 | u64{5} << 48 | u64{1} << 51 | u64{1} << 58;
  ste[3] = 0x10'0000;
  // V, AA64, A, R, IPS; TTB0, TTB1; MAIR.
  std::array<u64, 8> cd = {
      u64{25} | u64{25} << 16 | u64{2} << 22 | u64{1} << 31 | u64{5} << 32 | u64{1} << 41 | u64{3} << 45 | u64{7} << 48,
      0x20'0000, 0x30'0000, 0x00AA'4404'00FF'77BB};
  disturb(ste, input);
  disturb(cd, input);
  memory.set(kSte, ste);
  memory.set(kCd, cd);

  Around around;
  smmu::Smmu cached(config, 1, memory, around, around), plain(without, 1, memory, around, around);
  const unsigned mode = input.below(4);
  program(cached, mode);
  program(plain, mode);
  // Hardware updates may write to what other descriptors are: a cache then has the former one.
  const bool comparable = config.httu == "none";

  u64 now = 0;
  while (!input.empty()) {
    smmu::Request request;
    const u8 how = input.take<u8>();
    request.write = how & 1;
    request.privileged = how & 2;
    request.instruction = how & 4;
    request.may_stall = false;
    request.translated = (how & 0x18) == 0x18;
    request.from.has_substream = (how & 0xE0) == 0xE0;
    const u64 address = input.take<u32>();
    request.address = Iova{(how & 0x60) == 0x40 ? ~address : (how & 0x60) == 0x60 ? address << 18 : address};
    const smmu::Response one = cached.translate(0, request, now);
    memory.looks = 0;
    const smmu::Response two = plain.translate(0, request, now);
    // STE, CD through stage 2, the walk; again where hardware updates see a change.
    fuzz::require(!comparable || memory.looks <= 1 + 5 + 24);
    now += one.cycles + two.cycles + 1000;
    for (const smmu::Response& response : {one, two}) {
      if (response.outcome != smmu::Outcome::Ok) continue;
      fuzz::require(response.pa.value < memory.limit || config.pa_bits < 40);
      fuzz::require(response.page_bits >= 12 && response.page_bits <= 48);
    }
    if (!comparable) continue;
    fuzz::require(one.outcome == two.outcome);
    if (one.outcome != smmu::Outcome::Ok) continue;
    fuzz::require(one.pa == two.pa && one.readable == two.readable && one.writable == two.writable);
    fuzz::require(one.attributes.mair == two.attributes.mair);
    fuzz::require(one.attributes.shareability == two.attributes.shareability);
    fuzz::require(cached.peek(request).pa == two.pa);
  }
  return 0;
}
