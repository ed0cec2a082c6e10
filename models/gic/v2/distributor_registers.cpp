// GICD_*, in the order of IHI 0048B, table 4-1.
#include "gic/interrupt_registers.hpp"
#include "gic/register_access.hpp"
#include "gic/v2/distributor.hpp"
#include "gic/v2/identification.hpp"

namespace tw::gic::v2 {

/// In a GIC with Security Extensions a Non-secure access sees Group 0 interrupts as RAZ/WI.
struct DistributorView {
  static constexpr u32 kBase = 0;
  static constexpr bool kSgisFixed = true;
  static InterruptStates& states(Distributor& d) { return d; }
  static bool is_restricted(const Distributor& d, const MmioAccess& a) { return d.is_restricted(a); }
  static u32 visible(const Distributor& d, const MmioAccess& a, unsigned n) {
    return d.implemented_mask(n) & (d.is_restricted(a) ? d.group_.at(a.cpu, n) : ~0u);
  }
  static bool is_visible(const Distributor& d, const MmioAccess& a, u32 intid) {
    return d.is_implemented(intid) && (!d.is_restricted(a) || d.group(a.cpu, intid) == Group::Group1);
  }
};

struct DistributorRegisters : InterruptRegisters<Distributor, DistributorView> {
  using D = Distributor;

  static u32 visible(const D& d, const A& a, unsigned n) { return DistributorView::visible(d, a, n); }
  static bool is_visible(const D& d, const A& a, u32 intid) { return DistributorView::is_visible(d, a, intid); }

  static u64 read_ctlr(D& d, const A& a) {
    if (d.is_restricted(a)) return d.enable_group1_;
    return u64{d.enable_group0_} | u64{d.enable_group1_} << 1;
  }
  static void write_ctlr(D& d, const A& a) {
    if (d.is_restricted(a)) {
      d.enable_group1_ = a.value & 1;
      return;
    }
    d.enable_group0_ = a.value & 1;
    d.enable_group1_ = (a.value >> 1) & 1;
  }
  static u64 read_typer(D& d, const A&) {
    return (d.words_ - 1) | (d.config_.cpus - 1) << 5 | u64{d.config_.security_extensions} << 10;
  }
  static u64 read_iidr(D&, const A&) { return kDistributorIidr; }

  static u64 read_targets(D& d, const A& a) {
    if (d.config_.cpus == 1) return 0;
    return gather(a, 0x800, [&](u32 intid) -> u8 {
      if (!is_visible(d, a, intid)) return 0;
      return intid < kFirstSpi ? static_cast<u8>(1u << a.cpu) : d.targets_[intid];
    });
  }
  static void write_targets(D& d, const A& a) {
    if (d.config_.cpus == 1) return;
    scatter(a, 0x800, [&](u32 intid, u8 value) {
      if (is_visible(d, a, intid)) d.set_targets(intid, value);
    });
  }

  static u64 read_wires(D& d, const A& a) {
    const unsigned n = static_cast<unsigned>(a.offset - 0xD00) / 4;
    return d.wire_.at(a.cpu, n) & visible(d, a, n);
  }

  /// NSATT matters with Security Extensions only: the SGI goes to the CPUs where it is configured in that group.
  static void send_sgi(D& d, const A& a) {
    const u32 intid = static_cast<u32>(a.value & 0xF);
    const u8 self = static_cast<u8>(1u << a.cpu);
    u8 targets = 0;
    switch ((a.value >> 24) & 3) {
      case 0:
        targets = static_cast<u8>(a.value >> 16);
        break;
      case 1:
        targets = static_cast<u8>(~self);
        break;
      case 2:
        targets = self;
        break;
      default:
        return;
    }
    const Group group = d.is_restricted(a) || ((a.value >> 15) & 1) ? Group::Group1 : Group::Group0;
    for (unsigned cpu = 0; cpu < d.config_.cpus; ++cpu) {
      if (!((targets >> cpu) & 1)) continue;
      if (d.config_.security_extensions && d.group(cpu, intid) != group) continue;
      d.set_sgi_sources(cpu, intid, d.sgi_sources_[cpu][intid] | self);
    }
  }
  static u64 read_sgi_pending(D& d, const A& a) {
    return gather(a, static_cast<u32>(a.offset & ~u64{0xF}),
                  [&](u32 intid) -> u8 { return is_visible(d, a, intid) ? d.sgi_sources_[a.cpu][intid] : u8{0}; });
  }
  static void clear_sgi_pending(D& d, const A& a) {
    scatter(a, 0xF10, [&](u32 intid, u8 value) {
      if (is_visible(d, a, intid)) {
        d.set_sgi_sources(a.cpu, intid, static_cast<u8>(d.sgi_sources_[a.cpu][intid] & ~value));
      }
    });
  }
  static void set_sgi_pending(D& d, const A& a) {
    scatter(a, 0xF20, [&](u32 intid, u8 value) {
      if (is_visible(d, a, intid)) {
        d.set_sgi_sources(a.cpu, intid, static_cast<u8>(d.sgi_sources_[a.cpu][intid] | (value & d.all_cpus_)));
      }
    });
  }

  static u64 read_identification(D&, const A& a) { return kDistributorIdentification[(a.offset - 0xFD0) / 4]; }

  static constexpr RegisterRow<D> kRows[] = {
      {"GICD_CTLR", 0x000, 4, kWord, read_ctlr, write_ctlr},
      {"GICD_TYPER", 0x004, 4, kWord, read_typer, nullptr},
      {"GICD_IIDR", 0x008, 4, kWord, read_iidr, nullptr},
      {"GICD_IGROUPRn", 0x080, 0x80, kWord, read_group, write_group},
      {"GICD_ISENABLERn", 0x100, 0x80, kWord, read_enable, set_enable},
      {"GICD_ICENABLERn", 0x180, 0x80, kWord, read_enable, clear_enable},
      {"GICD_ISPENDRn", 0x200, 0x80, kWord, read_pending, set_pending},
      {"GICD_ICPENDRn", 0x280, 0x80, kWord, read_pending, clear_pending},
      {"GICD_ISACTIVERn", 0x300, 0x80, kWord, read_active, set_active},
      {"GICD_ICACTIVERn", 0x380, 0x80, kWord, read_active, clear_active},
      {"GICD_IPRIORITYRn", 0x400, 0x3FC, kByteOrWord, read_priority, write_priority},
      {"GICD_ITARGETSR0-7", 0x800, 0x20, kByteOrWord, read_targets, nullptr},
      {"GICD_ITARGETSRn", 0x820, 0x3DC, kByteOrWord, read_targets, write_targets},
      {"GICD_ICFGR0", 0xC00, 0x4, kWord, read_config, nullptr},
      {"GICD_ICFGRn", 0xC04, 0xFC, kWord, read_config, write_config},
      {"GICD_PPISR", 0xD00, 0x4, kWord, read_wires, nullptr},
      {"GICD_SPISRn", 0xD04, 0x7C, kWord, read_wires, nullptr},
      {"GICD_SGIR", 0xF00, 4, kWord, nullptr, send_sgi},
      {"GICD_CPENDSGIRn", 0xF10, 0x10, kByteOrWord, read_sgi_pending, clear_sgi_pending},
      {"GICD_SPENDSGIRn", 0xF20, 0x10, kByteOrWord, read_sgi_pending, set_sgi_pending},
      {"GICD_PIDR, GICD_CIDR", 0xFD0, 0x30, kWord, read_identification, nullptr},
  };
};

std::span<const RegisterRow<Distributor>> Distributor::registers() { return DistributorRegisters::kRows; }

}  // namespace tw::gic::v2
