#include "devices/pci/edu.hpp"

#include "base/bits.hpp"

namespace tw::devices::pci {

namespace {

/// As QEMU's device has them.
constexpr Identity kIdentity{.vendor = 0x1234,
                             .device = 0x11E8,
                             .subsystem_vendor = 0x1AF4,
                             .subsystem = 0x1100,
                             .class_code = 0x00FF00,
                             .revision = 0x10,
                             .interrupt_pin = 1};
constexpr BarRow kEduBars[] = {{0, BarKind::Memory32, Edu::kBarBytes}};
constexpr u32 kVersion = 0x0100'00ED;
constexpr u32 kExtension = 0x5057'5403;    ///< "TWP", and 3: edu ends below this register
constexpr u32 kFactorialInterrupt = 0x80;  ///< status register
constexpr u32 kComputing = 1;
// Reasons that the device itself raises an interrupt for.
constexpr u32 kFactorialReason = 0x001, kTransferReason = 0x100;
// DMA command register
constexpr u64 kRun = 1, kInterruptAtEnd = 4, kCommandBits = 7;

constexpr u8 kWord = 4, kWords = 4 | 8;

}  // namespace

Edu::Edu(const EduSettings& settings, const Surroundings& around)
    : Function({.identity = kIdentity, .bars = kEduBars, .msix_bar = {}, .msi = true}, around.messages),
      settings_(settings),
      memory_(around.memory),
      time_(around.time),
      ats_(space(), settings.ats) {
  ats_.set_agent(around.agent);
}

void Edu::reset_device() {
  ats_.reset();
  buffer_.fill(0);
  liveness_ = factorial_ = status_ = interrupts_ = 0;
  source_ = destination_ = count_ = command_ = 0;
  attributes_ = pasid_ = 0;
  result_ = TransferResult::Done;
  moved_ = 0;
}

void Edu::write_config(u16 offset, unsigned bytes, u32 value) {
  Function::write_config(offset, bytes, value);
  ats_.configuration_written();
}

void Edu::invalidate(const InvalidateRequest& request) { ats_.invalidate(request); }

void Edu::respond(const PageResponse& response) {
  ats_.respond(response);
  time_.message_arrived();
}

/// Every raise is a message of its own.
void Edu::raise(u32 reason) {
  interrupts_ |= reason;
  if (interrupts_ == 0) return;
  set_interrupt(true);
  notify_msi();
}

void Edu::acknowledge(u32 reasons) {
  interrupts_ &= ~reasons;
  if (interrupts_ == 0) set_interrupt(false);
}

void Edu::compute_factorial() {
  if ((status_ & kComputing) == 0) return;
  u32 product = 1;
  // From 34 on, the product holds 2^32: zero.
  for (u32 n = factorial_; n > 1 && product != 0; --n) product *= n;
  factorial_ = product;
  status_ &= ~kComputing;
  if ((status_ & kFactorialInterrupt) != 0) raise(kFactorialReason);
}

/// Registers of a transfer that is under way do not change.
void Edu::command(u64 value) {
  command_ = value & kCommandBits;
  if ((command_ & kRun) != 0) time_.transfer_asked();
}

void Edu::transfer() {
  if (!running()) return;
  moved_ = 0;
  result_ = move();
  if (!running()) return;  // reset meanwhile
  command_ &= ~kRun;
  if ((command_ & kInterruptAtEnd) != 0) raise(kTransferReason);
}

std::span<const RegisterRow<Edu>> Edu::rows() {
  using A = const MmioAccess&;
  static constexpr auto kUnlessRunning = [](Edu& e, u64& to, A a) {
    if (!e.running()) to = a.value;
  };
  static constexpr RegisterRow<Edu> kRows[] = {
      {"IDENTIFICATION", 0x00, 4, kWord, [](Edu&, A) { return u64{kVersion}; }, nullptr},
      {"LIVENESS", 0x04, 4, kWord, [](Edu& e, A) { return u64{e.liveness_}; },
       [](Edu& e, A a) { e.liveness_ = ~static_cast<u32>(a.value); }},
      {"FACTORIAL", 0x08, 4, kWord, [](Edu& e, A) { return u64{e.factorial_}; },
       [](Edu& e, A a) {
         if ((e.status_ & kComputing) != 0) return;
         e.factorial_ = static_cast<u32>(a.value);
         e.status_ |= kComputing;
         e.time_.factorial_asked();
       }},
      {"STATUS", 0x20, 4, kWord, [](Edu& e, A) { return u64{e.status_}; },
       [](Edu& e, A a) {
         e.status_ = (e.status_ & ~kFactorialInterrupt) | (static_cast<u32>(a.value) & kFactorialInterrupt);
       }},
      {"INTERRUPT STATUS", 0x24, 4, kWord, [](Edu& e, A) { return u64{e.interrupts_}; }, nullptr},
      {"INTERRUPT RAISE", 0x60, 4, kWord, nullptr, [](Edu& e, A a) { e.raise(static_cast<u32>(a.value)); }},
      {"INTERRUPT ACKNOWLEDGE", 0x64, 4, kWord, nullptr, [](Edu& e, A a) { e.acknowledge(static_cast<u32>(a.value)); }},
      {"DMA SOURCE", 0x80, 8, kWords, [](Edu& e, A) { return e.source_; },
       [](Edu& e, A a) { kUnlessRunning(e, e.source_, a); }},
      {"DMA DESTINATION", 0x88, 8, kWords, [](Edu& e, A) { return e.destination_; },
       [](Edu& e, A a) { kUnlessRunning(e, e.destination_, a); }},
      {"DMA COUNT", 0x90, 8, kWords, [](Edu& e, A) { return e.count_; },
       [](Edu& e, A a) { kUnlessRunning(e, e.count_, a); }},
      {"DMA COMMAND", 0x98, 8, kWords, [](Edu& e, A) { return e.command_; },
       [](Edu& e, A a) {
         if (!e.running()) e.command(a.value);
       }},
      // What edu does not have.
      {"EXTENSION", 0x200, 4, kWord, [](Edu&, A) { return u64{kExtension}; }, nullptr},
      {"FEATURES", 0x204, 4, kWord,
       [](Edu& e, A) {
         const AtsSettings& s = e.settings_.ats;
         return u64{s.ats} | u64{s.pri} << 1 | u64{s.pasid} << 2;
       },
       nullptr},
      {"DMA RESULT", 0x208, 4, kWord, [](Edu& e, A) { return static_cast<u64>(e.result_); }, nullptr},
      {"DMA BYTES", 0x20C, 4, kWord, [](Edu& e, A) { return e.moved_; }, nullptr},
      {"DMA ATTRIBUTES", 0x210, 4, kWord, [](Edu& e, A) { return u64{e.attributes_}; },
       [](Edu& e, A a) {
         if (!e.running()) e.attributes_ = static_cast<u32>(a.value) & TransferAttributes::kAll;
       }},
      {"DMA PASID", 0x214, 4, kWord, [](Edu& e, A) { return u64{e.pasid_}; },
       [](Edu& e, A a) {
         if (!e.running()) e.pasid_ = static_cast<u32>(bits<19, 0>(a.value));
       }},
      {"TRANSLATION", 0x220, 8, kWords,
       [](Edu& e, A) {
         const Translation& t = e.ats_.last();
         return t.address | u64{t.read} | u64{t.write} << 1 | u64{t.execute} << 2 | u64{t.privileged} << 3 |
                u64{t.global} << 4 | u64{t.untranslated_only} << 5 | u64{t.no_snoop} << 6;
       },
       nullptr},
      {"TRANSLATION SIZE", 0x228, 4, kWord, [](Edu& e, A) { return u64{e.ats_.last().size_log2}; }, nullptr},
      {"ATC HITS", 0x230, 4, kWord, [](Edu& e, A) { return e.ats_.statistics().hits; }, nullptr},
      {"ATC MISSES", 0x234, 4, kWord, [](Edu& e, A) { return e.ats_.statistics().misses; }, nullptr},
      {"ATC INVALIDATIONS", 0x238, 4, kWord, [](Edu& e, A) { return e.ats_.statistics().invalidations; }, nullptr},
      {"PAGE REQUESTS", 0x23C, 4, kWord, [](Edu& e, A) { return e.ats_.statistics().page_requests; }, nullptr},
      {"PAGE RESPONSE", 0x240, 4, kWord,
       [](Edu& e, A) {
         const std::optional<PageResponse> r = e.ats_.last_response();
         return r ? u64{1} << 31 | static_cast<u64>(r->code) << 16 | r->group : u64{0};
       },
       nullptr},
  };
  return kRows;
}

/// What is no register, and an access of another size, reads as all ones and ignores writes.
MmioResult Edu::access_device(unsigned, const MmioAccess& access) {
  const RegisterRow<Edu>* const row = find_row(rows(), access.offset);
  const bool served = row != nullptr && access.offset == row->offset && (access.size & row->sizes) != 0;
  if (access.write) {
    if (served && row->write != nullptr && !access.debug) row->write(*this, access);
    return {};
  }
  const u64 all_ones = low_mask(access.size * 8u);
  return {.value = served && row->read != nullptr ? row->read(*this, access) & all_ones : all_ones, .ok = true};
}

}  // namespace tw::devices::pci
