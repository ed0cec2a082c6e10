// What each command is, needs and does (IHI 0070, chapter 4).
#include "smmu/commands.hpp"

#include <algorithm>

#include "smmu/identification.hpp"
#include "smmu/statistics.hpp"

namespace tw::smmu {

struct CommandEffects {
  using Q = CommandQueue;
  using C = Command;
  using Scope = vmsa::InvalidateScope;

  // ---- 4.1.6, 4.1.7: parameters out of range make a command do nothing
  static bool in_range(const Q& q, StreamId stream) { return u64{stream.value} >> q.config_.sid_bits == 0; }
  static bool in_range(const Q& q, u32 substream) { return u64{substream} >> q.config_.ssid_bits == 0; }
  static Security security_of(const C& c) { return c.secure_stream() ? Security::Secure : Security::NonSecure; }
  /// SSV where there are no substreams counts as 0.
  static StreamKey key_of(const Q& q, const C& c) {
    if (!c.has_substream() || q.config_.ssid_bits == 0) return {.stream = c.stream()};
    return {.stream = c.stream(), .substream = c.substream(), .has_substream = true};
  }

  // ---- 4.2: nobody waits for a prefetch
  static bool prefetches(const Q& q, const C& c) {
    return q.state_.enabled() && security_of(c) == q.security_ && in_range(q, c.stream()) &&
           (!c.has_substream() || in_range(q, c.substream()) || q.config_.ssid_bits == 0);
  }
  static u64 prefetch_config(Q& q, const C& c, u64 now) {
    if (prefetches(q, c)) q.maintenance_.prefetch(key_of(q, c), nullptr, now);
    return now;
  }
  /// As many translations as the TCU has slots for, at most.
  static u64 prefetch_addr(Q& q, const C& c, u64 now) {
    if (!prefetches(q, c)) return now;
    const u64 count = std::min(u64{1} << c.prefetch_size(), std::max<u64>(q.config_.slots, 1));
    for (u64 n = 0; n < count; ++n) {
      const Iova address{c.address() + (n << (12 + c.prefetch_stride()))};
      q.maintenance_.prefetch(key_of(q, c), &address, now);
    }
    return now;
  }

  // ---- 4.3
  static ConfigurationInvalidate configuration(const C& c, ConfigurationInvalidate::Scope scope) {
    return {.scope = scope, .security = security_of(c), .stream = c.stream(), .leaf = c.leaf()};
  }
  static u64 cfgi_ste(Q& q, const C& c, u64 now) {
    if (!in_range(q, c.stream())) return now;
    return q.maintenance_.invalidate(configuration(c, ConfigurationInvalidate::Scope::Ste), now);
  }
  static u64 cfgi_ste_range(Q& q, const C& c, u64 now) {
    constexpr u8 kAll = 31;
    const bool all = c.range() == kAll;
    if (!all && !in_range(q, c.stream())) return now;
    ConfigurationInvalidate what =
        configuration(c, all ? ConfigurationInvalidate::Scope::All : ConfigurationInvalidate::Scope::SteRange);
    what.range = c.range();
    what.leaf = false;
    return q.maintenance_.invalidate(what, now);
  }
  static u64 cfgi_cd(Q& q, const C& c, u64 now) {
    if (!in_range(q, c.stream()) || !in_range(q, c.substream())) return now;
    ConfigurationInvalidate what = configuration(c, ConfigurationInvalidate::Scope::Cd);
    what.substream = c.substream();
    return q.maintenance_.invalidate(what, now);
  }
  static u64 cfgi_cd_all(Q& q, const C& c, u64 now) {
    if (!in_range(q, c.stream())) return now;
    ConfigurationInvalidate what = configuration(c, ConfigurationInvalidate::Scope::CdAll);
    what.leaf = false;
    return q.maintenance_.invalidate(what, now);
  }

  // ---- 4.4
  static unsigned granule_bits(const C& c) { return 10 + 2 * c.granule(); }
  static u64 range_bytes(const Q& q, const C& c) {
    if (!q.config_.range_invalidation || c.granule() == 0) return 0;
    return u64{c.num() + 1} << c.scale() << granule_bits(c);
  }
  /// 4.4.1.1: a granule without a range or a level says nothing. TTL = 1 means no level with the 16 KB granule.
  static bool pointless_range(const Config& config, const C& c) {
    if (!config.range_invalidation || c.granule() == 0 || c.num() != 0 || c.scale() != 0) return false;
    return c.level() == 0 || (c.level() == 1 && granule_bits(c) == 14);
  }
  /// SMMU_(S_)CR0.VMW.
  static u16 vmid_mask(const State& state) {
    return static_cast<u16>(state.vmw() <= 4 ? 0xFFFF << state.vmw() : 0xFFFF);
  }

  /// EL1 of the queue's Security state: "NH". Secure state has no stage 2 and so no VMIDs.
  static vmsa::Invalidate el1(const Q& q, const C& c, Scope scope) {
    vmsa::Invalidate what;
    what.scope = scope;
    what.regime = vmsa::Regime::El10;
    what.secure = q.security_ == Security::Secure;
    what.stage2_in_use = q.config_.stage2 && !what.secure;
    what.vmid = c.vmid();
    what.asid = c.asid();
    what.va = Va{c.address()};
    what.bytes = range_bytes(q, c);
    what.vmid_mask = vmid_mask(q.state_);
    return what;
  }
  static u64 nh_all(Q& q, const C& c, u64 now) { return q.maintenance_.invalidate(el1(q, c, Scope::VmidStage1), now); }
  static u64 nh_asid(Q& q, const C& c, u64 now) { return q.maintenance_.invalidate(el1(q, c, Scope::AsidAll), now); }
  static u64 nh_va(Q& q, const C& c, u64 now) {
    return q.maintenance_.invalidate(el1(q, c, c.leaf() ? Scope::VaLastAsid : Scope::VaAsid), now);
  }
  static u64 nh_vaa(Q& q, const C& c, u64 now) {
    return q.maintenance_.invalidate(el1(q, c, c.leaf() ? Scope::VaLastAllAsid : Scope::VaAllAsid), now);
  }

  /// EL2 and EL3. Which of EL2's two regimes: CR2.E2H.
  static vmsa::Invalidate upper(const Q& q, const C& c, vmsa::Regime regime, Scope scope) {
    vmsa::Invalidate what;
    what.scope = scope;
    what.regime = regime;
    what.secure = regime == vmsa::Regime::El3;
    what.asid = c.asid();
    what.va = Va{c.address()};
    what.bytes = range_bytes(q, c);
    return what;
  }
  static vmsa::Regime el2(const Q& q) { return q.non_secure_.e2h() ? vmsa::Regime::El20 : vmsa::Regime::El2; }
  static u64 el3_all(Q& q, const C& c, u64 now) {
    return q.maintenance_.invalidate(upper(q, c, vmsa::Regime::El3, Scope::All), now);
  }
  static u64 el3_va(Q& q, const C& c, u64 now) {
    return q.maintenance_.invalidate(upper(q, c, vmsa::Regime::El3, c.leaf() ? Scope::VaLastAsid : Scope::VaAsid), now);
  }
  static u64 el2_all(Q& q, const C& c, u64 now) {
    now = q.maintenance_.invalidate(upper(q, c, vmsa::Regime::El2, Scope::All), now);
    return q.maintenance_.invalidate(upper(q, c, vmsa::Regime::El20, Scope::All), now);
  }
  static u64 el2_asid(Q& q, const C& c, u64 now) {
    return q.maintenance_.invalidate(upper(q, c, vmsa::Regime::El20, Scope::AsidAll), now);
  }
  static u64 el2_va(Q& q, const C& c, u64 now) {
    return q.maintenance_.invalidate(upper(q, c, el2(q), c.leaf() ? Scope::VaLastAsid : Scope::VaAsid), now);
  }
  static u64 el2_vaa(Q& q, const C& c, u64 now) {
    return q.maintenance_.invalidate(upper(q, c, el2(q), c.leaf() ? Scope::VaLastAllAsid : Scope::VaAllAsid), now);
  }

  /// Non-secure, whichever queue it came from.
  static vmsa::Invalidate non_secure_vm(const Q& q, const C& c, Scope scope) {
    vmsa::Invalidate what;
    what.scope = scope;
    what.regime = vmsa::Regime::El10;
    what.stage2_in_use = q.config_.stage2;
    what.vmid = c.vmid();
    what.ipa = Ipa{bits<51, 12>(c.address()) << 12};
    what.bytes = range_bytes(q, c);
    what.vmid_mask = vmid_mask(q.non_secure_);
    return what;
  }
  static u64 s12_vmall(Q& q, const C& c, u64 now) {
    return q.maintenance_.invalidate(non_secure_vm(q, c, Scope::VmidAll), now);
  }
  static u64 s2_ipa(Q& q, const C& c, u64 now) {
    return q.maintenance_.invalidate(non_secure_vm(q, c, c.leaf() ? Scope::IpaLast : Scope::Ipa), now);
  }
  static u64 nsnh_all(Q& q, const C& c, u64 now) {
    return q.maintenance_.invalidate(non_secure_vm(q, c, Scope::All), now);
  }

  // ---- 4.5: of Non-secure streams, whichever queue they come from; ignored while SMMUEN is 0
  static constexpr unsigned kEverything = 52;  // 2^64 bytes
  static bool bad_size(const Config&, const C& c) { return c.size() > kEverything; }
  static u64 atc_inv(Q& q, const C& c, u64 now) {
    if (!q.state_.enabled() || !in_range(q, c.stream())) return now;
    if (c.has_substream() && q.config_.ssid_bits != 0 && !in_range(q, c.substream())) return now;
    const bool everything = c.size() == kEverything;
    AtcInvalidate what{.to = key_of(q, c), .tag = q.next_tag_};
    q.next_tag_ += Q::kTagStep;
    what.global = c.global() && what.to.has_substream;
    what.size_bits = static_cast<u8>(12 + c.size());
    what.address = everything ? Iova{} : Iova{c.address() & ~low_mask(12 + c.size())};
    q.outstanding_[what.tag] = now + q.config_.atc_timeout;
    if (!q.endpoints_.invalidate(what)) q.outstanding_.erase(what.tag);
    return now;
  }
  static constexpr unsigned kReservedResponse = 3;
  static bool bad_response(const Config&, const C& c) { return c.response() == kReservedResponse; }
  static u64 pri_resp(Q& q, const C& c, u64 now) {
    constexpr std::array kCodes = {PageResponse::Code::Failure, PageResponse::Code::InvalidRequest,
                                   PageResponse::Code::Success};
    if (!q.state_.enabled() || !in_range(q, c.stream())) return now;
    q.endpoints_.respond({.to = key_of(q, c), .group = c.group(), .code = kCodes[c.response()]});
    return now;
  }

  // ---- 4.7
  static u64 resume(Q& q, const C& c, u64 now) {
    if (security_of(c) != q.security_) return now;
    q.stalls_.resume(c.stream(), c.stag(),
                     c.retry()   ? StallVerdict::Retry
                     : c.abort() ? StallVerdict::Abort
                                 : StallVerdict::ReadAsZero);
    return now;
  }
  static u64 stall_term(Q& q, const C& c, u64 now) {
    if (security_of(c) == q.security_) q.stalls_.terminate(c.stream());
    return now;
  }
  static constexpr unsigned kReservedSignal = 3;
  static bool bad_signal(const Config&, const C& c) { return c.signal() == kReservedSignal; }

  static constexpr bool kSsec = true, kPlain = false;
  static constexpr CommandRow kRows[] = {
      {0x01, "CMD_PREFETCH_CONFIG", Queues::All, Needs::Nothing, kSsec, nullptr, prefetch_config},
      {0x02, "CMD_PREFETCH_ADDR", Queues::All, Needs::Nothing, kSsec, nullptr, prefetch_addr},
      {0x03, "CMD_CFGI_STE", Queues::All, Needs::Nothing, kSsec, nullptr, cfgi_ste},
      {0x04, "CMD_CFGI_STE_RANGE", Queues::All, Needs::Nothing, kSsec, nullptr, cfgi_ste_range},
      {0x05, "CMD_CFGI_CD", Queues::All, Needs::Stage1, kSsec, nullptr, cfgi_cd},
      {0x06, "CMD_CFGI_CD_ALL", Queues::All, Needs::Stage1, kSsec, nullptr, cfgi_cd_all},
      {0x07, "CMD_CFGI_VMS_PIDM", Queues::All, Needs::Mpam, kSsec, nullptr, nullptr},
      {0x10, "CMD_TLBI_NH_ALL", Queues::All, Needs::Stage1, kPlain, nullptr, nh_all},
      {0x11, "CMD_TLBI_NH_ASID", Queues::All, Needs::Stage1, kPlain, nullptr, nh_asid},
      {0x12, "CMD_TLBI_NH_VA", Queues::All, Needs::Stage1, kPlain, pointless_range, nh_va},
      {0x13, "CMD_TLBI_NH_VAA", Queues::All, Needs::Stage1, kPlain, pointless_range, nh_vaa},
      {0x18, "CMD_TLBI_EL3_ALL", Queues::Secure, Needs::Stage1, kPlain, nullptr, el3_all},
      {0x1A, "CMD_TLBI_EL3_VA", Queues::Secure, Needs::Stage1, kPlain, pointless_range, el3_va},
      {0x20, "CMD_TLBI_EL2_ALL", Queues::All, Needs::Hyp, kPlain, nullptr, el2_all},
      {0x21, "CMD_TLBI_EL2_ASID", Queues::All, Needs::Hyp, kPlain, nullptr, el2_asid},
      {0x22, "CMD_TLBI_EL2_VA", Queues::All, Needs::Hyp, kPlain, pointless_range, el2_va},
      {0x23, "CMD_TLBI_EL2_VAA", Queues::All, Needs::Hyp, kPlain, pointless_range, el2_vaa},
      {0x28, "CMD_TLBI_S12_VMALL", Queues::All, Needs::Stage2, kPlain, nullptr, s12_vmall},
      {0x2A, "CMD_TLBI_S2_IPA", Queues::All, Needs::Stage2, kPlain, pointless_range, s2_ipa},
      {0x30, "CMD_TLBI_NSNH_ALL", Queues::All, Needs::Nothing, kPlain, nullptr, nsnh_all},
      {0x40, "CMD_ATC_INV", Queues::All, Needs::Ats, kPlain, bad_size, atc_inv},
      {0x41, "CMD_PRI_RESP", Queues::All, Needs::Pri, kPlain, bad_response, pri_resp},
      {0x44, "CMD_RESUME", Queues::All, Needs::Stall, kSsec, nullptr, resume},
      {0x45, "CMD_STALL_TERM", Queues::All, Needs::Stall, kSsec, nullptr, stall_term},
      {0x46, "CMD_SYNC", Queues::All, Needs::Nothing, kPlain, bad_signal, nullptr},
      {0x50, "CMD_TLBI_S_EL2_ALL", Queues::Secure, Needs::SecureStage2, kPlain, nullptr, nullptr},
      {0x51, "CMD_TLBI_S_EL2_ASID", Queues::Secure, Needs::SecureStage2, kPlain, nullptr, nullptr},
      {0x52, "CMD_TLBI_S_EL2_VA", Queues::Secure, Needs::SecureStage2, kPlain, nullptr, nullptr},
      {0x53, "CMD_TLBI_S_EL2_VAA", Queues::Secure, Needs::SecureStage2, kPlain, nullptr, nullptr},
      {0x58, "CMD_TLBI_S_S12_VMALL", Queues::Secure, Needs::SecureStage2, kPlain, nullptr, nullptr},
      {0x5A, "CMD_TLBI_S_S2_IPA", Queues::Secure, Needs::SecureStage2, kPlain, nullptr, nullptr},
      {0x60, "CMD_TLBI_SNH_ALL", Queues::Secure, Needs::SecureStage2, kPlain, nullptr, nullptr},
  };
};

std::span<const CommandRow> commands() { return CommandEffects::kRows; }

const CommandRow* find_command(u8 opcode) {
  const std::span<const CommandRow> rows = commands();
  const auto found = std::lower_bound(rows.begin(), rows.end(), opcode,
                                      [](const CommandRow& row, u8 key) { return row.opcode < key; });
  return found != rows.end() && found->opcode == opcode ? &*found : nullptr;
}

std::string_view command_name(u8 opcode) {
  const CommandRow* const row = find_command(opcode);
  return row ? row->name : "illegal";
}

/// MPAM and Secure stage 2 are features that this SMMU never has; the rows are there to say so.
bool CommandQueue::legal(const CommandRow& row) const {
  const auto implemented = [&](Needs needs) {
    switch (needs) {
      case Needs::Nothing:
        return true;
      case Needs::Stage1:
        return config_.stage1;
      case Needs::Stage2:
        return config_.stage2;
      case Needs::Hyp:
        return config_.hyp && config_.stage1 && config_.stage2;
      case Needs::Ats:
        return config_.ats;
      case Needs::Pri:
        return config_.ats && config_.pri;
      case Needs::Stall:
        return stalls(config_);
      case Needs::Mpam:
      case Needs::SecureStage2:
        return false;
    }
    return false;
  };
  const bool secure = security_ == Security::Secure;
  return implemented(row.needs) && (row.queues == Queues::All || secure) &&
         (secure || !row.has_ssec || !command_.secure_stream()) &&
         (row.malformed == nullptr || !row.malformed(config_, command_));
}

}  // namespace tw::smmu
