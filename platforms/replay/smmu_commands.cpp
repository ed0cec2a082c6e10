#include "platforms/replay/smmu_commands.hpp"

#include <algorithm>
#include <bit>

#include "base/bits.hpp"

namespace tw::replay {
namespace {

using study::Command;
using trace::Scope;

enum class Opcode : u8 {
  CfgiSte = 0x03,
  CfgiAll = 0x04,  ///< and CFGI_STE_RANGE
  CfgiCd = 0x05,
  CfgiCdAll = 0x06,
  TlbiNhAll = 0x10,
  TlbiNhAsid = 0x11,
  TlbiNhVa = 0x12,
  TlbiNhVaa = 0x13,
  TlbiS12Vmall = 0x28,
  TlbiS2Ipa = 0x2A,
  TlbiNsnhAll = 0x30,
};

constexpr unsigned kPageBits = 12;
constexpr u64 kPagesOfTable = 512;
constexpr u64 kLeaf = 1;
constexpr unsigned kNumAt = 12, kScaleAt = 20, kVmidAt = 32, kAsidAt = 48, kTgAt = 10, kStreamAt = 32;
constexpr unsigned kSubstreamAt = 12, kSubstreamBits = 20;
constexpr u64 kMostNum = 32;      ///< NUM + 1
constexpr u64 kGranule4k = 1;     ///< TG
constexpr u64 kEveryStream = 31;  ///< Range of CMD_CFGI_STE_RANGE

Command command(Opcode opcode, u64 fields, u64 second) { return {static_cast<u64>(opcode) | fields, second}; }

bool is_last(Scope scope) {
  return scope == Scope::VaLast || scope == Scope::VaAllAsidsLast || scope == Scope::IpaLast;
}

Opcode opcode_of(Scope scope) {
  switch (scope) {
    case Scope::VmidStage1:
      return Opcode::TlbiNhAll;
    case Scope::Vmid:
      return Opcode::TlbiS12Vmall;
    case Scope::Asid:
      return Opcode::TlbiNhAsid;
    case Scope::Va:
    case Scope::VaLast:
      return Opcode::TlbiNhVa;
    case Scope::VaAllAsids:
    case Scope::VaAllAsidsLast:
      return Opcode::TlbiNhVaa;
    case Scope::Ipa:
    case Scope::IpaLast:
      return Opcode::TlbiS2Ipa;
    default:
      return Opcode::TlbiNsnhAll;
  }
}

/// What has all that `scope` names by address.
Scope wider(Scope scope) {
  return trace::names_ipa(scope) ? Scope::Vmid : trace::names_asid(scope) ? Scope::Asid : Scope::VmidStage1;
}

}  // namespace

std::vector<Command> tlbi(Scope scope, Tagged of, u64 address, u64 bytes, bool ranges) {
  const auto tags = [&](Scope what) {
    const u64 vmid = what == Scope::All ? 0 : u64{of.vmid.value} << kVmidAt;
    return vmid | (trace::names_asid(what) ? u64{of.asid.value} << kAsidAt : 0);
  };
  if (!trace::names_va(scope) && !trace::names_ipa(scope)) return {command(opcode_of(scope), tags(scope), 0)};
  u64 page = address >> kPageBits;
  const u64 last = (address + std::max<u64>(bytes, 1) - 1) >> kPageBits;
  u64 pages = last >= page ? last - page + 1 : 1;
  if (!ranges && pages > kPagesOfTable) return {command(opcode_of(wider(scope)), tags(wider(scope)), 0)};
  std::vector<Command> commands;
  while (pages != 0) {
    // (NUM + 1) * 2^SCALE pages: from the least power of two upwards. A page alone needs no range.
    const u64 scale = ranges && pages != 1 ? static_cast<u64>(std::countr_zero(pages)) : 0;
    u64 count = ranges ? pages >> scale : 1;
    if (count > kMostNum) count = (count & (kMostNum - 1)) != 0 ? count & (kMostNum - 1) : kMostNum;
    Command next = command(opcode_of(scope), tags(scope), page << kPageBits | (is_last(scope) ? kLeaf : 0));
    if (count << scale != 1) {
      next[0] |= (count - 1) << kNumAt | scale << kScaleAt;
      next[1] |= kGranule4k << kTgAt;
    }
    commands.push_back(next);
    page += count << scale;
    pages -= count << scale;
  }
  return commands;
}

Command cfgi_ste(StreamId stream) { return command(Opcode::CfgiSte, u64{stream.value} << kStreamAt, kLeaf); }

Command cfgi(const trace::Record& record) {
  const u64 stream = u64{record.stream.value} << kStreamAt;
  switch (record.scope) {
    case Scope::StreamRange:
      if (record.size <= 1) return cfgi_ste(record.stream);
      return command(Opcode::CfgiAll, stream, static_cast<u64>(std::bit_width(record.size)) - 2);
    case Scope::StreamContexts:
      return command(Opcode::CfgiCdAll, stream, 0);
    case Scope::StreamContext: {
      const u64 substream = record.size & low_mask(kSubstreamBits);
      return command(Opcode::CfgiCd, stream | substream << kSubstreamAt, kLeaf);
    }
    default:
      return command(Opcode::CfgiAll, 0, kEveryStream);
  }
}

}  // namespace tw::replay
