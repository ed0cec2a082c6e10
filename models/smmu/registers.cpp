// SMMU_* and SMMU_S_*, in the order of IHI 0070, 6.2. Functions are shared by the two: the offset says whose.
#include "smmu/registers.hpp"

#include <array>

#include "smmu/identification.hpp"

namespace tw::smmu {

namespace {

constexpr u8 kWord = 4;
constexpr u8 kWordOrDouble = 4 | 8;
constexpr u64 kSecurePage = 0x8000;   // of page 0
constexpr u64 kSecondPage = 0x10000;  // what is defined there is found at the same offset of page 0 as well
constexpr u64 kFrame = 0x20000;

constexpr u32 kSmmuEnable = 1, kPageEnable = 2, kEventEnable = 4, kCommandEnable = 8;  // CR0
constexpr u32 kErrorInterrupt = 1, kPageInterrupt = 2, kEventInterrupt = 4;            // IRQ_CTRL
constexpr u32 kIndex = 0xF'FFFF;
constexpr u32 kOverflowFlag = u32{1} << 31;

/// What an access by words or double words reads of a 64-bit register.
u64 part_of(const MmioAccess& access, u64 value) {
  return access.size == 8 ? value : static_cast<u32>(value >> access.offset % 8 * 8);
}

/// A 64-bit register after a write by words or double words.
u64 merged(const MmioAccess& access, u64 old) {
  if (access.size == 8) return access.value;
  return insert_bits(old, static_cast<unsigned>(access.offset % 8 * 8), 32, static_cast<u32>(access.value));
}

}  // namespace

struct RegisterRows {
  using R = RegisterFile;
  using A = MmioAccess;
  using Message = MessageState State::*;
  using Ring = QueueState State::*;

  static bool is_secure(const A& a) { return (a.offset & kSecurePage) != 0 && a.offset < kSecondPage; }
  static ProgrammingInterface& of(R& r, const A& a) { return is_secure(a) ? r.secure_ : r.non_secure_; }
  static State& state(R& r, const A& a) { return of(r, a).state; }
  static u32 word(const A& a) { return static_cast<u32>(a.value); }
  static bool has_pages(const R& r) { return r.config_.ats && r.config_.pri; }

  // ---- 6.3.1 - 6.3.8
  template <u32 (*id)(const Config&)>
  static u64 read_id(R& r, const A&) {
    return id(r.config_);
  }
  static u64 read_iidr(R&, const A&) { return iidr(); }
  static u64 read_aidr(R&, const A&) { return aidr(); }

  // ---- 6.3.9 - 6.3.13: a write to CR0 is acknowledged at once, but for CMDQEN = 0, which waits for a command
  static u64 read_cr0(R& r, const A& a) { return state(r, a).cr0; }
  static u64 read_cr0_ack(R& r, const A& a) { return state(r, a).cr0_ack; }
  static u32 cr0_fields(const R& r, const A& a) {
    constexpr u32 kAtsCheck = 0x10, kSif = 0x20, kVmw = 0x1C0;
    const u32 common =
        kSmmuEnable | kEventEnable | kCommandEnable | (r.config_.stage2 && r.config_.vmid_wildcard ? kVmw : 0);
    if (is_secure(a)) return common | kSif;
    return common | (has_pages(r) ? kPageEnable : 0) | (r.config_.ats ? kAtsCheck : 0);
  }
  static void write_cr0(R& r, const A& a) {
    ProgrammingInterface& interface = of(r, a);
    State& s = interface.state;
    const u32 old = s.cr0_ack;
    s.cr0 = word(a) & cr0_fields(r, a);
    s.cr0_ack = (s.cr0 & ~kCommandEnable) | (old & kCommandEnable);
    if ((old & ~s.cr0 & kSmmuEnable) != 0) interface.stalls.terminate_all();
    if ((~old & s.cr0 & kEventEnable) != 0) interface.stalls.retry_unrecorded();
    interface.commands.ring(r.signals_.now());
  }
  /// A field is writable while neither a register nor its acknowledgment has one of `enables`.
  static bool quiet(const State& s, u32 enables) { return ((s.cr0 | s.cr0_ack) & enables) == 0; }
  static u64 read_cr1(R& r, const A& a) { return state(r, a).cr1; }
  static void write_cr1(R& r, const A& a) {
    constexpr u32 kTable = 0xFC0, kQueue = 0x3F;
    State& s = state(r, a);
    const u32 fields =
        (quiet(s, kSmmuEnable) ? kTable : 0) | (quiet(s, kPageEnable | kEventEnable | kCommandEnable) ? kQueue : 0);
    s.cr1 = (s.cr1 & ~fields) | (word(a) & fields);
  }
  /// PTM: there is no broadcast to take part in. E2H of Secure state: there is no Secure EL2.
  static u64 read_cr2(R& r, const A& a) { return state(r, a).cr2; }
  static void write_cr2(R& r, const A& a) {
    constexpr u32 kE2h = 1, kRecordInvalid = 2;
    State& s = state(r, a);
    const bool hyp = (idr0(r.config_) >> 9 & 1) != 0 && !is_secure(a);
    if (quiet(s, kSmmuEnable)) s.cr2 = word(a) & (kRecordInvalid | (hyp ? kE2h : 0));
  }

  // ---- 6.3.14: an update is done at once; a write without Update does nothing
  static u64 read_gbpa(R& r, const A& a) { return state(r, a).gbpa; }
  static void write_gbpa(R& r, const A& a) {
    constexpr u32 kUpdate = u32{1} << 31, kFields = 0x1F'3F1F;
    if ((word(a) & kUpdate) != 0) state(r, a).gbpa = word(a) & kFields;
  }
  static u64 read_zero(R&, const A&) { return 0; }

  // ---- 6.3.16 - 6.3.23
  static u64 read_irq_ctrl(R& r, const A& a) { return state(r, a).irq_ctrl; }
  static u64 read_irq_ctrl_ack(R& r, const A& a) { return state(r, a).irq_ctrl_ack; }
  static void write_irq_ctrl(R& r, const A& a) {
    State& s = state(r, a);
    s.irq_ctrl = word(a) & (kErrorInterrupt | kEventInterrupt | (has_pages(r) && !is_secure(a) ? kPageInterrupt : 0));
    s.irq_ctrl_ack = s.irq_ctrl;
  }
  static u64 read_gerror(R& r, const A& a) { return state(r, a).gerror; }
  static u64 read_gerrorn(R& r, const A& a) { return state(r, a).gerrorn; }
  static u32 errors(const R& r, const A& a) {
    constexpr u32 kAlways = 0x105, kMessages = 0xB0, kPages = 0x08, kPageMessages = 0x40;
    const bool pages = has_pages(r) && !is_secure(a);
    return kAlways | (pages ? kPages : 0) | (r.config_.msi ? kMessages : 0) |
           (pages && r.config_.msi ? kPageMessages : 0);
  }
  /// Commands and events that an error held up go on.
  static void write_gerrorn(R& r, const A& a) {
    ProgrammingInterface& interface = of(r, a);
    interface.state.gerrorn = word(a) & errors(r, a);
    if (interface.events.writable()) interface.stalls.retry_unrecorded();
    interface.commands.ring(r.signals_.now());
  }

  /// SMMU_*_IRQ_CFG0-2: guarded by their enable; without MSIs there is nothing in them but LO.
  template <Message message, u32 enable>
  struct Configuration {
    static bool present(const R& r) { return enable != kPageInterrupt || has_pages(r); }
    static bool writable(const R& r, const State& s) {
      return present(r) && ((s.irq_ctrl | s.irq_ctrl_ack) & enable) == 0;
    }
    static u64 read0(R& r, const A& a) { return part_of(a, (state(r, a).*message).address); }
    static void write0(R& r, const A& a) {
      State& s = state(r, a);
      if (!writable(r, s) || !r.config_.msi) return;
      u64& address = (s.*message).address;
      address = merged(a, address) & kMessageAddress & low_mask(output_bits(r.config_));
    }
    static u64 read1(R& r, const A& a) { return (state(r, a).*message).data; }
    static void write1(R& r, const A& a) {
      State& s = state(r, a);
      if (writable(r, s) && r.config_.msi) (s.*message).data = word(a);
    }
    static u64 read2(R& r, const A& a) { return (state(r, a).*message).attributes; }
    static void write2(R& r, const A& a) {
      constexpr u32 kAttributes = 0x3F, kLastOnly = u32{1} << 31;
      State& s = state(r, a);
      if (!writable(r, s)) return;
      (s.*message).attributes =
          word(a) & ((r.config_.msi ? kAttributes : 0) | (enable == kPageInterrupt ? kLastOnly : 0));
    }
  };
  using ErrorMessage = Configuration<&State::gerror_message, kErrorInterrupt>;
  using EventMessage = Configuration<&State::event_message, kEventInterrupt>;
  using PageMessage = Configuration<&State::page_message, kPageInterrupt>;

  // ---- 6.3.24, 6.3.25
  static constexpr u64 kHint = u64{1} << 62;  // RA, WA
  static u64 address_field(const R& r, unsigned lo) { return low_mask(output_bits(r.config_)) & ~low_mask(lo); }
  static u64 read_strtab_base(R& r, const A& a) { return part_of(a, state(r, a).strtab_base); }
  static void write_strtab_base(R& r, const A& a) {
    State& s = state(r, a);
    if (quiet(s, kSmmuEnable)) s.strtab_base = merged(a, s.strtab_base) & (kHint | address_field(r, 6));
  }
  static u64 read_strtab_base_cfg(R& r, const A& a) { return state(r, a).strtab_base_cfg; }
  static void write_strtab_base_cfg(R& r, const A& a) {
    constexpr u32 kFields = 0x3'07FF;
    State& s = state(r, a);
    if (quiet(s, kSmmuEnable)) s.strtab_base_cfg = word(a) & kFields;
  }

  // ---- 6.3.26 - 6.3.36
  template <Ring ring, u32 enable>
  struct QueueRegisters {
    static bool present(const R& r) { return enable != kPageEnable || has_pages(r); }
    static u64 read_base(R& r, const A& a) { return part_of(a, (state(r, a).*ring).base); }
    static void write_base(R& r, const A& a) {
      constexpr u64 kLog2Size = 0x1F;
      State& s = state(r, a);
      u64& base = (s.*ring).base;
      if (present(r) && quiet(s, enable)) base = merged(a, base) & (kHint | address_field(r, 5) | kLog2Size);
    }
    static u64 read_prod(R& r, const A& a) { return (state(r, a).*ring).prod; }
    static u64 read_cons(R& r, const A& a) { return (state(r, a).*ring).cons; }
    /// Of an output queue: the SMMU's own index, writable before the queue is enabled.
    static void write_prod(R& r, const A& a) {
      State& s = state(r, a);
      if (present(r) && quiet(s, enable)) (s.*ring).prod = word(a) & (kOverflowFlag | kIndex);
    }
  };
  using Commands = QueueRegisters<&State::commands, kCommandEnable>;
  using Events = QueueRegisters<&State::events, kEventEnable>;
  using Pages = QueueRegisters<&State::pages, kPageEnable>;

  static void write_command_prod(R& r, const A& a) {
    ProgrammingInterface& interface = of(r, a);
    interface.state.commands.prod = word(a) & kIndex;
    interface.commands.ring(r.signals_.now());
  }
  /// ERR stays (a choice of 6.3.28).
  static void write_command_cons(R& r, const A& a) {
    State& s = state(r, a);
    if (quiet(s, kCommandEnable)) s.commands.cons = (s.commands.cons & ~kIndex) | (word(a) & kIndex);
  }
  static void write_event_cons(R& r, const A& a) {
    ProgrammingInterface& interface = of(r, a);
    interface.state.events.cons = word(a) & (kOverflowFlag | kIndex);
    if (interface.events.writable()) interface.stalls.retry_unrecorded();
  }
  static void write_page_cons(R& r, const A& a) {
    if (has_pages(r)) state(r, a).pages.cons = word(a) & (kOverflowFlag | kIndex);
  }

  /// SMMU_PIDR4-7, 0-3: no designer; SMMU_CIDR0-3: the preamble of a CoreLink component.
  static u64 read_identification(R&, const A& a) {
    constexpr std::array<u8, 12> kValues = {0, 0, 0, 0, 0, 0, 0, 0, 0x0D, 0xF0, 0x05, 0xB1};
    return kValues[(a.offset - 0xFD0) / 4];
  }

  /// 6.3.62: everything is forgotten, while nobody translates.
  static void write_s_init(R& r, const A& a) {
    constexpr u32 kInvalidateAll = 1;
    if ((word(a) & kInvalidateAll) == 0 || r.non_secure_.state.enabled() || r.secure_.state.enabled()) return;
    const u64 now = r.signals_.now();
    for (const Security security : {Security::NonSecure, Security::Secure}) {
      r.maintenance_.invalidate(ConfigurationInvalidate{.security = security}, now);
      vmsa::Invalidate what;
      what.secure = security == Security::Secure;
      r.maintenance_.invalidate(what, now);
    }
    for (const vmsa::Regime regime : {vmsa::Regime::El2, vmsa::Regime::El20, vmsa::Regime::El3}) {
      vmsa::Invalidate what;
      what.regime = regime;
      what.secure = regime == vmsa::Regime::El3;
      r.maintenance_.invalidate(what, now);
    }
  }

  static constexpr RegisterRow<R> kRows[] = {
      {"SMMU_IDR0", 0x0000, 4, kWord, read_id<idr0>, nullptr},
      {"SMMU_IDR1", 0x0004, 4, kWord, read_id<idr1>, nullptr},
      {"SMMU_IDR2", 0x0008, 4, kWord, read_id<idr2>, nullptr},
      {"SMMU_IDR3", 0x000C, 4, kWord, read_id<idr3>, nullptr},
      {"SMMU_IDR4", 0x0010, 4, kWord, read_id<idr4>, nullptr},
      {"SMMU_IDR5", 0x0014, 4, kWord, read_id<idr5>, nullptr},
      {"SMMU_IIDR", 0x0018, 4, kWord, read_iidr, nullptr},
      {"SMMU_AIDR", 0x001C, 4, kWord, read_aidr, nullptr},
      {"SMMU_CR0", 0x0020, 4, kWord, read_cr0, write_cr0},
      {"SMMU_CR0ACK", 0x0024, 4, kWord, read_cr0_ack, nullptr},
      {"SMMU_CR1", 0x0028, 4, kWord, read_cr1, write_cr1},
      {"SMMU_CR2", 0x002C, 4, kWord, read_cr2, write_cr2},
      {"SMMU_STATUSR", 0x0040, 4, kWord, read_zero, nullptr},
      {"SMMU_GBPA", 0x0044, 4, kWord, read_gbpa, write_gbpa},
      {"SMMU_AGBPA", 0x0048, 4, kWord, read_zero, nullptr},
      {"SMMU_IRQ_CTRL", 0x0050, 4, kWord, read_irq_ctrl, write_irq_ctrl},
      {"SMMU_IRQ_CTRLACK", 0x0054, 4, kWord, read_irq_ctrl_ack, nullptr},
      {"SMMU_GERROR", 0x0060, 4, kWord, read_gerror, nullptr},
      {"SMMU_GERRORN", 0x0064, 4, kWord, read_gerrorn, write_gerrorn},
      {"SMMU_GERROR_IRQ_CFG0", 0x0068, 8, kWordOrDouble, ErrorMessage::read0, ErrorMessage::write0},
      {"SMMU_GERROR_IRQ_CFG1", 0x0070, 4, kWord, ErrorMessage::read1, ErrorMessage::write1},
      {"SMMU_GERROR_IRQ_CFG2", 0x0074, 4, kWord, ErrorMessage::read2, ErrorMessage::write2},
      {"SMMU_STRTAB_BASE", 0x0080, 8, kWordOrDouble, read_strtab_base, write_strtab_base},
      {"SMMU_STRTAB_BASE_CFG", 0x0088, 4, kWord, read_strtab_base_cfg, write_strtab_base_cfg},
      {"SMMU_CMDQ_BASE", 0x0090, 8, kWordOrDouble, Commands::read_base, Commands::write_base},
      {"SMMU_CMDQ_PROD", 0x0098, 4, kWord, Commands::read_prod, write_command_prod},
      {"SMMU_CMDQ_CONS", 0x009C, 4, kWord, Commands::read_cons, write_command_cons},
      {"SMMU_EVENTQ_BASE", 0x00A0, 8, kWordOrDouble, Events::read_base, Events::write_base},
      {"SMMU_EVENTQ_PROD (alias)", 0x00A8, 4, kWord, Events::read_prod, Events::write_prod},
      {"SMMU_EVENTQ_CONS (alias)", 0x00AC, 4, kWord, Events::read_cons, write_event_cons},
      {"SMMU_EVENTQ_IRQ_CFG0", 0x00B0, 8, kWordOrDouble, EventMessage::read0, EventMessage::write0},
      {"SMMU_EVENTQ_IRQ_CFG1", 0x00B8, 4, kWord, EventMessage::read1, EventMessage::write1},
      {"SMMU_EVENTQ_IRQ_CFG2", 0x00BC, 4, kWord, EventMessage::read2, EventMessage::write2},
      {"SMMU_PRIQ_BASE", 0x00C0, 8, kWordOrDouble, Pages::read_base, Pages::write_base},
      {"SMMU_PRIQ_PROD (alias)", 0x00C8, 4, kWord, Pages::read_prod, Pages::write_prod},
      {"SMMU_PRIQ_CONS (alias)", 0x00CC, 4, kWord, Pages::read_cons, write_page_cons},
      {"SMMU_PRIQ_IRQ_CFG0", 0x00D0, 8, kWordOrDouble, PageMessage::read0, PageMessage::write0},
      {"SMMU_PRIQ_IRQ_CFG1", 0x00D8, 4, kWord, PageMessage::read1, PageMessage::write1},
      {"SMMU_PRIQ_IRQ_CFG2", 0x00DC, 4, kWord, PageMessage::read2, PageMessage::write2},
      {"SMMU_PIDR, SMMU_CIDR", 0x0FD0, 0x30, kWord, read_identification, nullptr},
      {"SMMU_S_IDR0", 0x8000, 4, kWord, read_id<s_idr0>, nullptr},
      {"SMMU_S_IDR1", 0x8004, 4, kWord, read_id<s_idr1>, nullptr},
      {"SMMU_S_IDR2", 0x8008, 4, kWord, read_id<s_idr2>, nullptr},
      {"SMMU_S_IDR3", 0x800C, 4, kWord, read_id<s_idr3>, nullptr},
      {"SMMU_S_IDR4", 0x8010, 4, kWord, read_id<s_idr4>, nullptr},
      {"SMMU_S_CR0", 0x8020, 4, kWord, read_cr0, write_cr0},
      {"SMMU_S_CR0ACK", 0x8024, 4, kWord, read_cr0_ack, nullptr},
      {"SMMU_S_CR1", 0x8028, 4, kWord, read_cr1, write_cr1},
      {"SMMU_S_CR2", 0x802C, 4, kWord, read_cr2, write_cr2},
      {"SMMU_S_INIT", 0x803C, 4, kWord, read_zero, write_s_init},
      {"SMMU_S_GBPA", 0x8044, 4, kWord, read_gbpa, write_gbpa},
      {"SMMU_S_AGBPA", 0x8048, 4, kWord, read_zero, nullptr},
      {"SMMU_S_IRQ_CTRL", 0x8050, 4, kWord, read_irq_ctrl, write_irq_ctrl},
      {"SMMU_S_IRQ_CTRLACK", 0x8054, 4, kWord, read_irq_ctrl_ack, nullptr},
      {"SMMU_S_GERROR", 0x8060, 4, kWord, read_gerror, nullptr},
      {"SMMU_S_GERRORN", 0x8064, 4, kWord, read_gerrorn, write_gerrorn},
      {"SMMU_S_GERROR_IRQ_CFG0", 0x8068, 8, kWordOrDouble, ErrorMessage::read0, ErrorMessage::write0},
      {"SMMU_S_GERROR_IRQ_CFG1", 0x8070, 4, kWord, ErrorMessage::read1, ErrorMessage::write1},
      {"SMMU_S_GERROR_IRQ_CFG2", 0x8074, 4, kWord, ErrorMessage::read2, ErrorMessage::write2},
      {"SMMU_S_STRTAB_BASE", 0x8080, 8, kWordOrDouble, read_strtab_base, write_strtab_base},
      {"SMMU_S_STRTAB_BASE_CFG", 0x8088, 4, kWord, read_strtab_base_cfg, write_strtab_base_cfg},
      {"SMMU_S_CMDQ_BASE", 0x8090, 8, kWordOrDouble, Commands::read_base, Commands::write_base},
      {"SMMU_S_CMDQ_PROD", 0x8098, 4, kWord, Commands::read_prod, write_command_prod},
      {"SMMU_S_CMDQ_CONS", 0x809C, 4, kWord, Commands::read_cons, write_command_cons},
      {"SMMU_S_EVENTQ_BASE", 0x80A0, 8, kWordOrDouble, Events::read_base, Events::write_base},
      {"SMMU_S_EVENTQ_PROD", 0x80A8, 4, kWord, Events::read_prod, Events::write_prod},
      {"SMMU_S_EVENTQ_CONS", 0x80AC, 4, kWord, Events::read_cons, write_event_cons},
      {"SMMU_S_EVENTQ_IRQ_CFG0", 0x80B0, 8, kWordOrDouble, EventMessage::read0, EventMessage::write0},
      {"SMMU_S_EVENTQ_IRQ_CFG1", 0x80B8, 4, kWord, EventMessage::read1, EventMessage::write1},
      {"SMMU_S_EVENTQ_IRQ_CFG2", 0x80BC, 4, kWord, EventMessage::read2, EventMessage::write2},
      {"SMMU_EVENTQ_PROD", 0x100A8, 4, kWord, Events::read_prod, Events::write_prod},
      {"SMMU_EVENTQ_CONS", 0x100AC, 4, kWord, Events::read_cons, write_event_cons},
      {"SMMU_PRIQ_PROD", 0x100C8, 4, kWord, Pages::read_prod, Pages::write_prod},
      {"SMMU_PRIQ_CONS", 0x100CC, 4, kWord, Pages::read_cons, write_page_cons},
  };
};

std::span<const RegisterRow<RegisterFile>> RegisterFile::registers() { return RegisterRows::kRows; }

ProgrammingInterface::ProgrammingInterface(const Config& config, const Surroundings& around, const State* non_secure)
    : interrupts(config, state, around.memory, around.signals, non_secure ? Security::Secure : Security::NonSecure),
      events(config, state, around.memory, interrupts, around.statistics,
             non_secure ? Security::Secure : Security::NonSecure),
      stalls(config, events, around.signals, non_secure ? Security::Secure : Security::NonSecure),
      commands(config, state, non_secure ? *non_secure : state, around.memory, around.signals, around.endpoints,
               around.maintenance, interrupts, stalls, around.statistics,
               non_secure ? Security::Secure : Security::NonSecure),
      pages(config, state, around.memory, around.endpoints, around.maintenance, interrupts) {
  reset(config);
}

void ProgrammingInterface::reset(const Config& config) {
  constexpr u32 kAbort = u32{1} << 20;
  state = {};
  if (config.bypass_abort) state.gbpa |= kAbort;
  events.reset();
  commands.reset();
  stalls.terminate_all();
}

RegisterFile::RegisterFile(const Config& config, const Surroundings& around)
    : config_(config),
      signals_(around.signals),
      maintenance_(around.maintenance),
      non_secure_(config, around, nullptr),
      secure_(config, around, &non_secure_.state) {}

void RegisterFile::work(u64 now) {
  non_secure_.commands.work(now);
  secure_.commands.work(now);
}

void RegisterFile::atc_invalidated(u32 tag, u64 now) {
  non_secure_.commands.atc_invalidated(tag, now);
  secure_.commands.atc_invalidated(tag, now);
}

void RegisterFile::reset() {
  non_secure_.reset(config_);
  secure_.reset(config_);
}

/// 6.2: what is not there, and what is not allowed, is RAZ/WI; the Secure registers also to Non-secure accesses. What
/// is due by now has happened before anybody looks.
MmioResult RegisterFile::access(const MmioAccess& access) {
  const RegisterRow<RegisterFile>* const row = find_row(registers(), access.offset % kFrame);
  if (row == nullptr || (row->sizes & access.size) == 0 || access.offset % access.size != 0) return {};
  const bool secure = (row->offset & kSecurePage) != 0;
  if (secure && (!config_.secure || access.security != Security::Secure)) return {};
  if (!access.debug) work(signals_.now());
  if (!access.write) return {.value = row->read(*this, access), .ok = true};
  if (row->write != nullptr && !access.debug) row->write(*this, access);
  return {};
}

}  // namespace tw::smmu
