#include "smmu/events.hpp"

#include <algorithm>

#include "base/bits.hpp"
#include "smmu/config.hpp"
#include "smmu/interrupts.hpp"
#include "smmu/queue.hpp"
#include "smmu/statistics.hpp"

namespace tw::smmu {

namespace {

/// Which fields a record has beyond number and StreamID.
enum Fields : u32 {
  kSubstream = 1,        ///< SSV, SubstreamID
  kSubstreamAlone = 2,   ///< SubstreamID, always valid
  kReason = 4,           ///< [79:64]
  kStall = 8,            ///< STAG [79:64], Stall [95]
  kAccess = 0x10,        ///< PnU [97], InD [98], RnW [99]
  kReadWrite = 0x20,     ///< RnW alone
  kStage = 0x40,         ///< S2 [103]
  kSecurity = 0x80,      ///< NSIPA [102]
  kClass = 0x100,        ///< CLASS [105:104]
  kTableAccess = 0x200,  ///< TTRnW [108]
  kAddress = 0x400,      ///< InputAddr [191:128]
  kIpa = 0x800,          ///< IPA [243:204]
  kFetch = 0x1000,       ///< FetchAddr [243:195]
  kAtsRequest = 0x2000,  ///< Span [67:64], Priv, X, W, R [95:92]; InputAddr[11:0] are RES0
  kPageHint = 0x4000,    ///< X, W, R [99:97] or, privileged, [103:101], Span [115:108]; InputAddr[11:0] are RES0
  kMerges4k = 0x8000,    ///< InputAddr[11:0] do not count for merging
};

struct Layout {
  EventKind kind;
  u32 fields;
};

constexpr u32 kTranslation = kSubstream | kStall | kAccess | kStage | kSecurity | kClass | kAddress | kIpa | kMerges4k;

/// 7.3.2 - 7.3.19.
constexpr Layout kLayouts[] = {
    {EventKind::UnsupportedUpstream, kSubstream | kReason | kAccess | kAddress},
    {EventKind::BadStreamId, kSubstream},
    {EventKind::SteFetch, kSubstream | kReason | kFetch},
    {EventKind::BadSte, kSubstream},
    {EventKind::BadAtsRequest, kSubstream | kAtsRequest | kAddress},
    {EventKind::StreamDisabled, 0},
    {EventKind::TranslationForbidden, kReadWrite | kAddress | kMerges4k},
    {EventKind::BadSubstreamId, kSubstreamAlone},
    {EventKind::CdFetch, kSubstream | kReason | kFetch},
    {EventKind::BadCd, kSubstream},
    {EventKind::WalkAbort, kSubstream | kReason | kAccess | kStage | kClass | kAddress | kFetch | kMerges4k},
    {EventKind::Translation, kTranslation},
    {EventKind::AddressSize, kTranslation},
    {EventKind::AccessFlag, kTranslation},
    {EventKind::Permission, kTranslation | kTableAccess},
    {EventKind::TlbConflict, kSubstream | kReason | kAccess | kStage | kSecurity | kAddress | kIpa | kMerges4k},
    {EventKind::ConfigurationConflict, kSubstream | kReason},
    {EventKind::PageRequestHint, kSubstream | kPageHint | kAddress},
};

u32 fields_of(EventKind kind) {
  const auto* const row =
      std::find_if(std::begin(kLayouts), std::end(kLayouts), [&](const Layout& l) { return l.kind == kind; });
  return row == std::end(kLayouts) ? 0 : row->fields;
}

constexpr u64 flag(bool value, unsigned at) { return u64{value} << at; }

constexpr u64 kPage = low_mask(12);
constexpr u32 kOverflow = u32{1} << 31;

/// Both are about one page: an STU here, a Span of E_PAGE_REQUEST.
u64 ats_request(const Event& event) {
  return u64{1} | flag(event.privileged, 28) | flag(event.instruction, 29) | flag(event.write, 30) |
         flag(event.read, 31);
}
u64 page_hint(const Event& event) {
  const unsigned at = event.privileged ? 37 : 33;
  return flag(event.instruction, at) | flag(event.write, at + 1) | flag(event.read, at + 2) | u64{1} << 44;
}

}  // namespace

EventRecord encode(const Event& event) {
  const u32 fields = fields_of(event.kind);
  const auto has = [&](u32 field) { return (fields & field) != 0; };
  EventRecord record{};
  record[0] = static_cast<u64>(event.kind) | u64{event.from.stream.value} << 32;
  if (has(kSubstream) && event.from.has_substream) record[0] |= flag(true, 11) | u64{event.from.substream} << 12;
  if (has(kSubstreamAlone)) record[0] |= u64{event.from.substream} << 12;
  if (has(kReason)) record[1] |= event.reason & 0xFFFF;
  if (has(kStall) && event.stall) record[1] |= event.stag | flag(true, 31);
  if (has(kAccess)) record[1] |= flag(event.privileged, 33) | flag(event.instruction && event.read, 34);
  if (has(kAccess | kReadWrite)) record[1] |= flag(event.read, 35);
  if (has(kStage)) record[1] |= flag(event.stage2, 39);
  if (has(kSecurity)) record[1] |= flag(event.stage2 && event.non_secure_ipa, 38);
  if (has(kClass)) record[1] |= static_cast<u64>(event.event_class) << 40;
  if (has(kTableAccess) && event.event_class == EventClass::TranslationTable) {
    record[1] |= flag(!event.translation_table_write, 44);
  }
  if (has(kAtsRequest)) record[1] |= ats_request(event);
  if (has(kPageHint)) record[1] |= page_hint(event);
  if (has(kAddress)) record[2] = event.address.value & ~(has(kAtsRequest | kPageHint) ? kPage : 0);
  if (has(kIpa) && event.stage2) record[3] = bits<51, 12>(event.ipa.value) << 12;
  if (has(kFetch)) record[3] = bits<51, 3>(event.fetch.value) << 3;
  return record;
}

EventLog::EventLog(const Config& config, State& state, MemoryPort& memory, Interrupts& interrupts,
                   Statistics& statistics, Security security)
    : state_(state),
      memory_(memory),
      interrupts_(interrupts),
      statistics_(statistics),
      security_(security),
      queue_(state.events, sizeof(EventRecord), config.event_queue_bits) {}

bool EventLog::writable() const {
  return state_.event_queue_enabled() && !interrupts_.active(GlobalError::EventQueueAbort) && !queue_.full();
}

bool EventLog::record(const Event& event, u64 now) {
  const EventRecord record = encode(event);
  if (merges(event, record)) {
    ++statistics_.events_merged;
    return true;
  }
  if (!writable()) {
    if (!event.stall) lose();
    return false;
  }
  std::array<u8, sizeof(EventRecord)> bytes;
  for (unsigned n = 0; n < bytes.size(); ++n) bytes[n] = static_cast<u8>(record[n / 8] >> n % 8 * 8);
  const bool was_empty = queue_.empty();
  const MemoryReply reply = memory_.write(queue_.tail(), bytes, security_, now);
  now += reply.cycles;
  if (!reply.ok) {  // synchronous: PROD stays (7.2.2); a stalled transaction's record is lost like any other
    ++statistics_.events_lost;
    interrupts_.raise(GlobalError::EventQueueAbort, now);
    return true;
  }
  queue_.produce();
  ++statistics_.events[event.kind];
  last_ = record;
  last_prod_ = state_.events.prod;
  if (was_empty) interrupts_.event_queue(now);
  return true;
}

/// An overflow is one of a queue that is enabled and full, and is signalled once until it is acknowledged (7.4).
void EventLog::lose() {
  ++statistics_.events_lost;
  if (!state_.event_queue_enabled() || !queue_.full()) return;
  if (((state_.events.prod ^ state_.events.cons) & kOverflow) == 0) state_.events.prod ^= kOverflow;
}

/// With the newest record, as long as software has not consumed it (7.3.1 leaves the time to the implementation).
bool EventLog::merges(const Event& event, const EventRecord& record) const {
  if (!event.merge || event.stall || !last_ || queue_.empty() || last_prod_ != state_.events.prod) return false;
  const u64 ignored = (fields_of(event.kind) & kMerges4k) != 0 ? kPage : 0;
  return (*last_)[0] == record[0] && (*last_)[1] == record[1] && (((*last_)[2] ^ record[2]) & ~ignored) == 0 &&
         (*last_)[3] == record[3];
}

}  // namespace tw::smmu
