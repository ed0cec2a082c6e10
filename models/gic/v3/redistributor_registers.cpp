// GICR_*, in the order of IHI 0069, tables 12-27 and 12-29.
#include "base/bits.hpp"
#include "gic/interrupt_registers.hpp"
#include "gic/v3/group_modifiers.hpp"
#include "gic/v3/identification.hpp"
#include "gic/v3/redistributor.hpp"

namespace tw::gic::v3 {

void Redistributor::reset() {
  set_asleep(true);
  lpis().reset();
  property_base_ = pending_base_ = 0;
  status_.reset();
}

void Redistributor::set_asleep(bool asleep) {
  asleep_ = asleep;
  distributor_.set_asleep(cpu_, asleep);
}

void Redistributor::enable_lpis(bool enable) {
  if (enable == lpis().enabled()) return;
  if (!enable) return lpis().disable();
  lpis().enable({.properties = Pa{property_base_ & low_mask(52) & ~low_mask(12)},
                 .pending = Pa{pending_base_ & low_mask(52) & ~low_mask(16)},
                 .id_bits = static_cast<unsigned>(bits<4, 0>(property_base_)) + 1,
                 .pending_zero = (pending_base_ & kPendingTableZero) != 0},
                distributor_.two_states());
}

/// The frame's own SGIs and PPIs; a Non-secure access finds Secure ones RAZ/WI.
struct RedistributorView {
  static constexpr u32 kBase = 0x10000;
  static constexpr bool kSgisFixed = false;
  static InterruptStates& states(Redistributor& r) { return r.distributor_; }
  static Distributor& distributor(Redistributor& r) { return r.distributor_; }
  static bool is_restricted(const Redistributor& r, const MmioAccess& a) { return r.distributor_.is_restricted(a); }
  static u32 visible(const Redistributor& r, const MmioAccess& a, unsigned n) {
    if (n != 0) return 0;
    return is_restricted(r, a) ? r.distributor_.non_secure_private(r.cpu_) : ~0u;
  }
  static bool is_visible(const Redistributor& r, const MmioAccess& a, u32 intid) {
    return intid < kFirstSpi && (visible(r, a, 0) >> intid & 1);
  }
};

struct RedistributorRegisters : InterruptRegisters<Redistributor, RedistributorView> {
  using R = Redistributor;
  using Modifiers = GroupModifiers<Redistributor, RedistributorView>;

  static u64 read_zero(R&, const A&) { return 0; }
  static void ignore(R&, const A&) {}

  /// EnableLPIs may be cleared (CES), and INVLPIR, INVALLR and SYNCR are there (IR). All of it RES0 without LPIs;
  /// writes take effect at once: no RWP, no UWP.
  static u64 read_ctlr(R& r, const A&) {
    constexpr u64 kCes = 2, kIr = 4;
    return r.lpis().exist() ? u64{r.lpis().enabled()} | kCes | kIr : 0;
  }
  static void write_ctlr(R& r, const A& a) { r.enable_lpis(a.value & 1); }
  static u64 read_iidr(R&, const A&) { return kRedistributorIidr; }
  static u64 read_typer(R& r, const A& a) {
    const bool last = r.cpu_ + 1 == r.distributor_.cpus();
    return part_of(a, u64{r.distributor_.affinity(r.cpu_).packed()} << 32 | u64{r.cpu_} << 8 | u64{last} << 4 |
                          u64{r.lpis().exist()});
  }
  static u64 read_status(R& r, const A&) { return r.status_.value(); }
  static void write_status(R& r, const A& a) { r.status_.write_ones_to_clear(a.value); }

  /// ProcessorSleep, and ChildrenAsleep that follows at once. Secure software's.
  static u64 read_waker(R& r, const A& a) { return r.asleep_ && !r.distributor_.is_restricted(a) ? 6 : 0; }
  static void write_waker(R& r, const A& a) {
    if (!r.distributor_.is_restricted(a)) r.set_asleep((a.value >> 1) & 1);
  }

  /// Read-only while LPIs are enabled (a choice: changing them is UNPREDICTABLE). PTZ reads as zero.
  static u64 read_property_base(R& r, const A& a) { return part_of(a, r.property_base_); }
  static void write_property_base(R& r, const A& a) {
    if (!r.lpis().enabled()) r.property_base_ = merged(a, r.property_base_) & 0x070F'FFFF'FFFF'FF9F;
  }
  static u64 read_pending_base(R& r, const A& a) { return part_of(a, r.pending_base_ & ~R::kPendingTableZero); }
  static void write_pending_base(R& r, const A& a) {
    constexpr u64 kFields = 0x070F'FFFF'FFFF'0F80 | R::kPendingTableZero;
    if (!r.lpis().enabled()) r.pending_base_ = merged(a, r.pending_base_) & kFields;
  }

  static void invalidate_lpi(R& r, const A& a) { r.lpis().reload(static_cast<u32>(merged(a, 0))); }
  static void invalidate_all_lpis(R& r, const A&) { r.lpis().reload_all(); }
  static u64 read_identification(R&, const A& a) { return kRedistributorIdentification[(a.offset - 0xFFD0) / 4]; }

  static constexpr RegisterRow<R> kRows[] = {
      {"GICR_CTLR", 0x0000, 4, kWord, read_ctlr, write_ctlr},
      {"GICR_IIDR", 0x0004, 4, kWord, read_iidr, nullptr},
      {"GICR_TYPER", 0x0008, 8, kWordOrDouble, read_typer, nullptr},
      {"GICR_STATUSR", 0x0010, 4, kWord, read_status, write_status},
      {"GICR_WAKER", 0x0014, 4, kWord, read_waker, write_waker},
      {"GICR_PROPBASER", 0x0070, 8, kWordOrDouble, read_property_base, write_property_base},
      {"GICR_PENDBASER", 0x0078, 8, kWordOrDouble, read_pending_base, write_pending_base},
      {"GICR_INVLPIR", 0x00A0, 8, kWordOrDouble, nullptr, invalidate_lpi},
      {"GICR_INVALLR", 0x00B0, 8, kWordOrDouble, nullptr, invalidate_all_lpis},
      {"GICR_SYNCR", 0x00C0, 4, kWord, read_zero, nullptr},
      {"GICR_PIDR, GICR_CIDR", 0xFFD0, 0x30, kWord, read_identification, nullptr},
      {"GICR_IGROUPR0", 0x10080, 4, kWord, read_group, write_group},
      {"GICR_ISENABLER0", 0x10100, 4, kWord, read_enable, set_enable},
      {"GICR_ICENABLER0", 0x10180, 4, kWord, read_enable, clear_enable},
      {"GICR_ISPENDR0", 0x10200, 4, kWord, read_pending, set_pending},
      {"GICR_ICPENDR0", 0x10280, 4, kWord, read_pending, clear_pending},
      {"GICR_ISACTIVER0", 0x10300, 4, kWord, read_active, set_active},
      {"GICR_ICACTIVER0", 0x10380, 4, kWord, read_active, clear_active},
      {"GICR_IPRIORITYRn", 0x10400, 0x20, kByteOrWord, read_priority, write_priority},
      {"GICR_ICFGR0", 0x10C00, 4, kWord, read_config, nullptr},
      {"GICR_ICFGR1", 0x10C04, 4, kWord, read_config, write_config},
      {"GICR_IGRPMODR0", 0x10D00, 4, kWord, Modifiers::read, Modifiers::write},
      {"GICR_NSACR", 0x10E00, 4, kWord, read_zero, ignore},
  };
};

std::span<const RegisterRow<Redistributor>> Redistributor::registers() { return RedistributorRegisters::kRows; }

}  // namespace tw::gic::v3
