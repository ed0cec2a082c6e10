// GITS_*, in the order of IHI 0069, tables 12-30 and 12-31.
#include "gic/register_access.hpp"
#include "gic/v3/its.hpp"

namespace tw::gic::v3 {

struct ItsRegisters {
  using I = Its;
  using A = MmioAccess;

  static constexpr u64 kEnabled = 1, kQuiescent = u64{1} << 31;
  static constexpr u64 kRetry = 1, kStalled = 1;
  static constexpr u64 kOffset = low_mask(20) & ~low_mask(5);

  /// Commands and messages are done within the access that brings them, so that a disabled ITS is quiescent.
  static u64 read_ctlr(I& i, const A&) { return i.enabled_ ? kEnabled : kQuiescent; }
  static void write_ctlr(I& i, const A& a) {
    i.enabled_ = a.value & kEnabled;
    i.run_queue();
  }
  static u64 read_iidr(I&, const A&) { return kDistributorIidr; }
  /// PTA = 0: a core is named by its Processor_Number. All collections are in memory (HCC = 0).
  static u64 read_typer(I&, const A& a) {
    constexpr u64 kPhysical = 1, kCil = u64{1} << 36;
    return part_of(a, kPhysical | u64{kItsEntryBytes - 1} << 4 | u64{I::kEventBits - 1} << 8 |
                          u64{I::kDeviceBits - 1} << 13 | u64{I::kCollectionBits - 1} << 32 | kCil);
  }

  /// Registers that say where tables and queue lie are read-only while the ITS is enabled (a choice: changing them is
  /// UNPREDICTABLE).
  static u64 read_queue_base(I& i, const A& a) { return part_of(a, i.queue_base_); }
  static void write_queue_base(I& i, const A& a) {
    if (i.enabled_) return;
    constexpr u64 kFields = u64{1} << 63 | u64{7} << 59 | u64{7} << 53 | (low_mask(52) & ~low_mask(12)) | 0xCFF;
    i.queue_base_ = merged(a, i.queue_base_) & kFields;
    i.queue_read_ = i.queue_write_ = 0;
    i.stalled_ = false;
  }
  static u64 read_queue_write(I& i, const A& a) { return part_of(a, i.queue_write_); }
  static void write_queue_write(I& i, const A& a) {
    const u64 value = merged(a, i.queue_write_);
    i.queue_write_ = value & kOffset;
    if (value & kRetry) i.stalled_ = false;
    i.run_queue();
  }
  static u64 read_queue_read(I& i, const A& a) { return part_of(a, i.queue_read_ | (i.stalled_ ? kStalled : 0)); }

  static TableBase* base(I& i, const A& a) {
    const u64 n = (a.offset - 0x100) / 8;
    return n == 0 ? &i.devices_ : n == 1 ? &i.collections_ : nullptr;
  }
  static u64 read_base(I& i, const A& a) { return base(i, a) ? part_of(a, base(i, a)->value()) : 0; }
  static void write_base(I& i, const A& a) {
    if (!i.enabled_ && base(i, a)) base(i, a)->write(merged(a, base(i, a)->value()));
  }

  static u64 read_identification(I&, const A& a) { return kItsIdentification[(a.offset - 0xFFD0) / 4]; }
  static void write_translater(I& i, const A& a) { i.translate(a.stream.value, static_cast<u32>(a.value)); }

  static constexpr RegisterRow<I> kRows[] = {
      {"GITS_CTLR", 0x0000, 4, kWord, read_ctlr, write_ctlr},
      {"GITS_IIDR", 0x0004, 4, kWord, read_iidr, nullptr},
      {"GITS_TYPER", 0x0008, 8, kWordOrDouble, read_typer, nullptr},
      {"GITS_CBASER", 0x0080, 8, kWordOrDouble, read_queue_base, write_queue_base},
      {"GITS_CWRITER", 0x0088, 8, kWordOrDouble, read_queue_write, write_queue_write},
      {"GITS_CREADR", 0x0090, 8, kWordOrDouble, read_queue_read, nullptr},
      {"GITS_BASERn", 0x0100, 0x40, kWordOrDouble, read_base, write_base},
      {"GITS_PIDR, GITS_CIDR", 0xFFD0, 0x30, kWord, read_identification, nullptr},
      {"GITS_TRANSLATER", 0x10040, 4, kHalfOrWord, nullptr, write_translater},
  };
};

std::span<const RegisterRow<Its>> Its::registers() { return ItsRegisters::kRows; }

}  // namespace tw::gic::v3
