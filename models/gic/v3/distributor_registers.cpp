// GICD_*, in the order of IHI 0069, table 12-25.
#include "gic/interrupt_registers.hpp"
#include "gic/v3/distributor.hpp"
#include "gic/v3/group_modifiers.hpp"
#include "gic/v3/identification.hpp"

namespace tw::gic::v3 {

/// SGIs and PPIs are RES0 here: with affinity routing they are the redistributors'. Two Security states: a Non-secure
/// access finds Secure interrupts RAZ/WI.
struct DistributorView {
  static constexpr u32 kBase = 0;
  static constexpr bool kSgisFixed = false;
  static InterruptStates& states(Distributor& d) { return d; }
  static Distributor& distributor(Distributor& d) { return d; }
  static bool is_restricted(const Distributor& d, const MmioAccess& a) { return d.is_restricted(a); }
  static u32 visible(const Distributor& d, const MmioAccess& a, unsigned n) {
    if (n == 0) return 0;
    return d.implemented_mask(n) & (d.is_restricted(a) ? d.group_.at(0, n) : ~0u);
  }
  static bool is_visible(const Distributor& d, const MmioAccess& a, u32 intid) {
    return intid >= kFirstSpi && d.is_implemented(intid) && (!d.is_restricted(a) || d.group_.test(0, intid));
  }
};

struct DistributorRegisters : InterruptRegisters<Distributor, DistributorView> {
  using D = Distributor;
  using Modifiers = GroupModifiers<Distributor, DistributorView>;

  static constexpr u64 kAre = 1 << 4, kAreNs = 1 << 5, kDs = 1 << 6;

  /// Three views (IHI 0069, GICD_CTLR): one Security state; Secure; Non-secure, with EnableGrp1A where Secure software
  /// has EnableGrp1NS, and ARE_NS where it has ARE_S.
  static u64 read_ctlr(D& d, const A& a) {
    if (d.is_restricted(a)) return u64{d.enable_group1_} << 1 | kAre;
    const u64 enables = u64{d.enable_group0_} | u64{d.enable_group1_} << 1;
    return d.two_states() ? enables | u64{d.enable_group1_secure_} << 2 | kAre | kAreNs : enables | kAre | kDs;
  }
  static void write_ctlr(D& d, const A& a) {
    d.enable_group1_ = (a.value >> 1) & 1;
    if (d.is_restricted(a)) return;
    d.enable_group0_ = a.value & 1;
    if (!d.two_states()) return;
    d.security_disabled_ = a.value & kDs;  // for good: only a reset clears it
    d.enable_group1_secure_ = !d.security_disabled_ && (a.value >> 2 & 1);
  }
  /// CPUNumber is 0: it counts cores that can be reached without affinity routing.
  static u64 read_typer(D& d, const A&) {
    constexpr u64 kMbis = 1 << 16, kA3v = 1 << 24, kNo1n = 1 << 25;
    return (d.words_ - 1) | kMbis | u64{d.two_states()} << 10 | u64{d.has_lpis()} << 17 | u64{kIntidBits - 1} << 19 |
           kA3v | kNo1n;
  }
  static u64 read_iidr(D&, const A&) { return kDistributorIidr; }
  static u64 read_zero(D&, const A&) { return 0; }
  static void ignore(D&, const A&) {}

  static u64 read_status(D& d, const A&) { return d.status_.value(); }
  static void write_status(D& d, const A& a) { d.status_.write_ones_to_clear(a.value); }

  static void message(D& d, const A& a, bool level) {
    const u32 intid = static_cast<u32>(a.value & 0x1FFF);
    if (DistributorView::is_visible(d, a, intid)) d.set_message(intid, level);
  }
  static void set_spi(D& d, const A& a) { message(d, a, true); }
  static void clear_spi(D& d, const A& a) { message(d, a, false); }
  /// Of Secure software's own; reserved with one Security state.
  static bool has_secure_messages(const D& d, const A& a) { return d.two_states() && !d.is_restricted(a); }
  static void set_spi_secure(D& d, const A& a) {
    if (has_secure_messages(d, a)) message(d, a, true);
  }
  static void clear_spi_secure(D& d, const A& a) {
    if (has_secure_messages(d, a)) message(d, a, false);
  }

  static u32 routed(const A& a) { return static_cast<u32>(a.offset - 0x6000) / 8; }
  static u64 read_router(D& d, const A& a) {
    return DistributorView::is_visible(d, a, routed(a)) ? part_of(a, d.router_[routed(a)]) : 0;
  }
  static void write_router(D& d, const A& a) {
    if (DistributorView::is_visible(d, a, routed(a))) d.route(routed(a), merged(a, d.router_[routed(a)]));
  }

  static u64 read_identification(D&, const A& a) { return kDistributorIdentification[(a.offset - 0xFFD0) / 4]; }

  static constexpr RegisterRow<D> kRows[] = {
      {"GICD_CTLR", 0x000, 4, kWord, read_ctlr, write_ctlr},
      {"GICD_TYPER", 0x004, 4, kWord, read_typer, nullptr},
      {"GICD_IIDR", 0x008, 4, kWord, read_iidr, nullptr},
      {"GICD_TYPER2", 0x00C, 4, kWord, read_zero, nullptr},
      {"GICD_STATUSR", 0x010, 4, kWord, read_status, write_status},
      {"GICD_SETSPI_NSR", 0x040, 4, kHalfOrWord, nullptr, set_spi},
      {"GICD_CLRSPI_NSR", 0x048, 4, kHalfOrWord, nullptr, clear_spi},
      {"GICD_SETSPI_SR", 0x050, 4, kHalfOrWord, nullptr, set_spi_secure},
      {"GICD_CLRSPI_SR", 0x058, 4, kHalfOrWord, nullptr, clear_spi_secure},
      {"GICD_IGROUPRn", 0x080, 0x80, kWord, read_group, write_group},
      {"GICD_ISENABLERn", 0x100, 0x80, kWord, read_enable, set_enable},
      {"GICD_ICENABLERn", 0x180, 0x80, kWord, read_enable, clear_enable},
      {"GICD_ISPENDRn", 0x200, 0x80, kWord, read_pending, set_pending},
      {"GICD_ICPENDRn", 0x280, 0x80, kWord, read_pending, clear_pending},
      {"GICD_ISACTIVERn", 0x300, 0x80, kWord, read_active, set_active},
      {"GICD_ICACTIVERn", 0x380, 0x80, kWord, read_active, clear_active},
      {"GICD_IPRIORITYRn", 0x400, 0x3FC, kByteOrWord, read_priority, write_priority},
      {"GICD_ITARGETSRn", 0x800, 0x3FC, kByteOrWord, read_zero, ignore},
      {"GICD_ICFGRn", 0xC00, 0x100, kWord, read_config, write_config},
      {"GICD_IGRPMODRn", 0xD00, 0x80, kWord, Modifiers::read, Modifiers::write},
      {"GICD_NSACRn", 0xE00, 0x100, kWord, read_zero, ignore},
      {"GICD_SGIR", 0xF00, 4, kWord, nullptr, ignore},
      {"GICD_CPENDSGIRn", 0xF10, 0x10, kByteOrWord, read_zero, ignore},
      {"GICD_SPENDSGIRn", 0xF20, 0x10, kByteOrWord, read_zero, ignore},
      {"GICD_IROUTERn", 0x6100, 0x1EE0, kWordOrDouble, read_router, write_router},
      {"GICD_PIDR, GICD_CIDR", 0xFFD0, 0x30, kWord, read_identification, nullptr},
  };
};

std::span<const RegisterRow<Distributor>> Distributor::registers() { return DistributorRegisters::kRows; }

}  // namespace tw::gic::v3
