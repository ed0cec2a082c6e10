#include "devices/pl330/pl330.hpp"

#include "devices/register_access.hpp"

namespace tw::devices::pl330 {

namespace {

/// periph_id_0..3, pcell_id_0..3 (DDI 0424, 3.3): part 0x330, designer 0x41.
constexpr u8 kIdentification[8] = {0x30, 0x13, 0x04, 0x00, 0x0D, 0xF0, 0x05, 0xB1};

/// Arrays of registers: which of `stride` bytes.
constexpr unsigned index_in(const MmioAccess& access, u32 first, u32 stride) {
  return static_cast<unsigned>((access.offset - first) / stride);
}

u64 log2(u64 power_of_two) {
  u64 result = 0;
  while (power_of_two >> (result + 1) != 0) ++result;
  return result;
}

}  // namespace

/// Whether a Non-secure access may not see the thread, or make it do something.
bool Pl330::hides(const MmioAccess& access, unsigned thread) const {
  return access.security == Security::NonSecure && !threads_[thread].non_secure;
}

/// The events that the access may see.
u32 Pl330::event_mask(const MmioAccess& access) const {
  const u64 visible = access.security == Security::Secure ? ~u64{0} : config_.events_nonsecure;
  return static_cast<u32>(visible & low_mask(static_cast<unsigned>(config_.events)));
}

std::span<const RegisterRow<Pl330>> Pl330::rows() {
  using A = const MmioAccess&;
  static constexpr u8 kWord = 4;
  static constexpr RegisterRow<Pl330> kRows[] = {
      {"DSR", 0x000, 4, kWord,
       [](Pl330& d, A a) {
         const Thread& manager = d.threads_[kManager];
         if (d.hides(a, kManager)) return u64{0};
         const u64 event = manager.state == ThreadState::WaitingForEvent ? manager.waiting_for : 0;
         return u64{manager.non_secure} << 9 | event << 4 | static_cast<u64>(manager.state);
       },
       nullptr},
      {"DPC", 0x004, 4, kWord, [](Pl330& d, A a) { return d.hides(a, kManager) ? 0 : u64{d.threads_[kManager].pc}; },
       nullptr},
      {"INTEN", 0x020, 4, kWord, [](Pl330& d, A a) { return u64{d.interrupt_enable_ & d.event_mask(a)}; },
       [](Pl330& d, A a) {
         const u32 mask = d.event_mask(a);
         d.interrupt_enable_ = (d.interrupt_enable_ & ~mask) | (static_cast<u32>(a.value) & mask);
         d.interrupts_ &= d.interrupt_enable_;
       }},
      {"INT_EVENT_RIS", 0x024, 4, kWord,
       [](Pl330& d, A a) { return u64{(d.events_ | d.interrupts_) & d.event_mask(a)}; }, nullptr},
      {"INTMIS", 0x028, 4, kWord, [](Pl330& d, A a) { return u64{d.interrupts_ & d.event_mask(a)}; }, nullptr},
      {"INTCLR", 0x02C, 4, kWord, nullptr,
       [](Pl330& d, A a) { d.interrupts_ &= ~(static_cast<u32>(a.value) & d.event_mask(a)); }},
      {"FSRD", 0x030, 4, kWord,
       [](Pl330& d, A a) { return u64{!d.hides(a, kManager) && is_faulting(d.threads_[kManager])}; }, nullptr},
      {"FSRC", 0x034, 4, kWord,
       [](Pl330& d, A a) {
         u64 value = 0;
         for (unsigned n = 0; n < d.channels_.size(); ++n) {
           if (!d.hides(a, n)) value |= u64{is_faulting(d.threads_[n])} << n;
         }
         return value;
       },
       nullptr},
      {"FTRD", 0x038, 4, kWord,
       [](Pl330& d, A a) { return d.hides(a, kManager) ? 0 : u64{d.threads_[kManager].fault}; }, nullptr},
      {"FTRn", 0x040, 32, kWord,
       [](Pl330& d, A a) {
         const unsigned n = index_in(a, 0x040, 4);
         return d.hides(a, n) ? 0 : u64{d.threads_[n].fault};
       },
       nullptr},
      {"CSRn, CPCn", 0x100, 64, kWord,
       [](Pl330& d, A a) {
         const unsigned n = index_in(a, 0x100, 8);
         if (n >= d.channels_.size() || d.hides(a, n)) return u64{0};
         const Thread& thread = d.threads_[n];
         if (bit<2>(a.offset)) return u64{thread.pc};
         const Channel& channel = d.channels_[n];
         const bool waits =
             thread.state == ThreadState::WaitingForEvent || thread.state == ThreadState::WaitingForPeripheral;
         return u64{thread.non_secure} << 21 | u64{channel.waited_peripheral} << 15 | u64{channel.waited_burst} << 14 |
                (waits ? u64{thread.waiting_for} << 4 : 0) | static_cast<u64>(thread.state);
       },
       nullptr},
      {"SARn, DARn, CCRn, LC0_n, LC1_n", 0x400, 256, kWord,
       [](Pl330& d, A a) {
         const unsigned n = index_in(a, 0x400, 32);
         if (n >= d.channels_.size() || d.hides(a, n)) return u64{0};
         const Channel& channel = d.channels_[n];
         switch (a.offset % 32) {
           case 0x00:
             return u64{channel.source};
           case 0x04:
             return u64{channel.destination};
           case 0x08:
             return u64{channel.control.word};
           case 0x0C:
             return u64{channel.loops[0]};
           case 0x10:
             return u64{channel.loops[1]};
           default:
             return u64{0};
         }
       },
       nullptr},
      {"DBGSTATUS", 0xD00, 4, kWord, [](Pl330& d, A) { return u64{d.debug_.has_value()}; }, nullptr},
      {"DBGCMD", 0xD04, 4, kWord, nullptr, [](Pl330& d, A a) { d.command_debug(a); }},
      {"DBGINST0, DBGINST1", 0xD08, 8, kWord, nullptr,
       [](Pl330& d, A a) { d.debug_words_[index_in(a, 0xD08, 4)] = static_cast<u32>(a.value); }},
      {"CR0", 0xE00, 4, kWord,
       [](Pl330& d, A) {
         const Config& c = d.config_;
         const u64 peripherals = c.peripherals == 0 ? 0 : (c.peripherals - 1) << 12 | 1;
         return (c.events - 1) << 17 | peripherals | (c.channels - 1) << 4 | u64{c.manager_nonsecure} << 2 |
                u64{c.boot_from_pc} << 1;
       },
       nullptr},
      {"CR1", 0xE04, 4, kWord,
       [](Pl330& d, A) { return (d.config_.cache_lines - 1) << 4 | log2(d.config_.cache_line_bytes); }, nullptr},
      {"CR2", 0xE08, 4, kWord, [](Pl330& d, A) { return d.config_.boot_address; }, nullptr},
      {"CR3", 0xE0C, 4, kWord,
       [](Pl330& d, A) { return d.config_.events_nonsecure & low_mask(static_cast<unsigned>(d.config_.events)); },
       nullptr},
      {"CR4", 0xE10, 4, kWord,
       [](Pl330& d, A) {
         return d.config_.peripherals_nonsecure & low_mask(static_cast<unsigned>(d.config_.peripherals));
       },
       nullptr},
      {"CRD", 0xE14, 4, kWord,
       [](Pl330& d, A) {
         const Config& c = d.config_;
         return (c.mfifo_depth - 1) << 20 | (c.read_queue - 1) << 16 | (c.read_capacity - 1) << 12 |
                (c.write_queue - 1) << 8 | (c.write_capacity - 1) << 4 | log2(c.data_width / 8);
       },
       nullptr},
      {"WD", 0xE80, 4, kWord, [](Pl330& d, A) { return u64{d.watchdog_interrupt_only_}; },
       [](Pl330& d, A a) { d.watchdog_interrupt_only_ = bit<0>(a.value); }},
      {"periph_id_n, pcell_id_n", 0xFE0, 32, kWord,
       [](Pl330& d, A a) {
         const unsigned n = index_in(a, 0xFE0, 4);
         return u64{kIdentification[n]} | (n == 2 ? d.config_.revision << 4 : 0);
       },
       nullptr},
  };
  return kRows;
}

MmioResult Pl330::access(const MmioAccess& access) {
  if (!access.debug) advance();
  const MmioResult result = access_registers(*this, rows(), access);
  if (access.write && !access.debug) drive();
  return result;
}

}  // namespace tw::devices::pl330
