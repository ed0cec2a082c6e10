// Events, as the event queue records them (IHI 0070, 7.3).
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "smmu/queue.hpp"
#include "smmu/types.hpp"

namespace tw::smmu {

struct Config;
struct Statistics;
class Interrupts;
class MemoryPort;

// One row a kind: enumerator, number, name.
#define TW_SMMU_EVENTS(X)                             \
  X(UnsupportedUpstream, 0x01, "F_UUT")               \
  X(BadStreamId, 0x02, "C_BAD_STREAMID")              \
  X(SteFetch, 0x03, "F_STE_FETCH")                    \
  X(BadSte, 0x04, "C_BAD_STE")                        \
  X(BadAtsRequest, 0x05, "F_BAD_ATS_TREQ")            \
  X(StreamDisabled, 0x06, "F_STREAM_DISABLED")        \
  X(TranslationForbidden, 0x07, "F_TRANSL_FORBIDDEN") \
  X(BadSubstreamId, 0x08, "C_BAD_SUBSTREAMID")        \
  X(CdFetch, 0x09, "F_CD_FETCH")                      \
  X(BadCd, 0x0A, "C_BAD_CD")                          \
  X(WalkAbort, 0x0B, "F_WALK_EABT")                   \
  X(Translation, 0x10, "F_TRANSLATION")               \
  X(AddressSize, 0x11, "F_ADDR_SIZE")                 \
  X(AccessFlag, 0x12, "F_ACCESS")                     \
  X(Permission, 0x13, "F_PERMISSION")                 \
  X(TlbConflict, 0x20, "F_TLB_CONFLICT")              \
  X(ConfigurationConflict, 0x21, "F_CFG_CONFLICT")    \
  X(PageRequestHint, 0x24, "E_PAGE_REQUEST")

enum class EventKind : u8 {
#define TW_ENUMERATOR(kind, number, name) kind = (number),
  TW_SMMU_EVENTS(TW_ENUMERATOR)
#undef TW_ENUMERATOR
};

struct EventRow {
  EventKind kind;
  std::string_view name;
};
inline constexpr EventRow kEvents[] = {
#define TW_ROW(kind, number, name) {EventKind::kind, name},
    TW_SMMU_EVENTS(TW_ROW)
#undef TW_ROW
};
#undef TW_SMMU_EVENTS

/// CLASS: what was being done when stage 2 (or stage 1) failed.
enum class EventClass : u8 { ContextDescriptor = 0, TranslationTable = 1, Input = 2 };

/// Fields that the kind does not have are left as they are, and not recorded.
struct Event {
  EventKind kind = EventKind::UnsupportedUpstream;
  StreamKey from;
  u32 reason = 0;
  Iova address{};            ///< InputAddr
  Ipa ipa{};                 ///< of stage 2's faults
  Pa fetch{};                ///< FetchAddr of F_STE_FETCH, F_CD_FETCH, F_WALK_EABT
  bool read = true;          ///< RnW
  bool privileged = false;   ///< PnU
  bool instruction = false;  ///< InD
  bool stage2 = false;       ///< S2
  bool non_secure_ipa = false;
  bool translation_table_write = false;  ///< TTRnW is then 0: a hardware update of a descriptor
  EventClass event_class = EventClass::Input;
  bool stall = false;
  u16 stag = 0;
  bool merge = false;  ///< STE.MEV; not recorded
  bool write = false;  ///< F_BAD_ATS_TREQ, E_PAGE_REQUEST: what was asked for, beside `read` and `instruction`
};

/// The 32 bytes of the record (7.3), in `memory` order of 64-bit words.
using EventRecord = std::array<u64, 4>;
EventRecord encode(const Event& event);

/// The event queue of one Security state, as its producer.
class EventLog final {
 public:
  EventLog(const Config& config, State& state, MemoryPort& memory, Interrupts& interrupts, Statistics& statistics,
           Security security);

  /// Writes the record, or loses it where the queue is not writable (7.2.1): false. A stalled transaction's is not
  /// lost: it is the caller's to come back.
  bool record(const Event& event, u64 now);
  bool writable() const;
  void reset() { last_.reset(); }

 private:
  bool merges(const Event& event, const EventRecord& record) const;
  void lose();

  State& state_;
  MemoryPort& memory_;
  Interrupts& interrupts_;
  Statistics& statistics_;
  Security security_;
  Queue queue_;
  std::optional<EventRecord> last_;  ///< newest record, for merging
  u32 last_prod_ = 0;                ///< EVENTQ_PROD after it
};

}  // namespace tw::smmu
