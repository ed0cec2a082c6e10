// The slow path of loads and stores: alignment, translation, device access, page crossings, faults.
#include "cpu/memory.hpp"

#include <algorithm>

#include "arm/control_bits.hpp"
#include "cpu/code_cache.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/halting.hpp"
#include "cpu/system/debug.hpp"

namespace tw::cpu {

namespace {

/// Tag bit of a host entry whose page demands aligned accesses (Device memory, SCTLR.A): the fast path never matches.
constexpr u64 kStrict = 2;

/// SCTLR_ELx of the regime in use.
u64 current_sctlr(const Cpu& cpu) {
  switch (cpu.pstate.el) {
    case El::El3:
      return cpu.controls.el3.sctlr;
    case El::El2:
      return cpu.controls.el2.sctlr;
    default:
      return cpu.controls.el1.sctlr;
  }
}

cost::Cause cause_of(cost::ServedBy served_by) {
  switch (served_by) {
    case cost::ServedBy::Gic:
      return cost::Cause::Gic;
    case cost::ServedBy::Device:
      return cost::Cause::Device;
    default:
      return cost::Cause::Memory;
  }
}

struct Request {
  const Op* op;
  u64 va;
  unsigned size;
  bool write;
  AccessFlags flags;
  bool misaligned;
  bool looked_up = false;  ///< the caches have been asked already
};

/// Time of a cacheable access.
void look_up_caches(Cpu& cpu, const Op* op, Pa pa, unsigned size, CachePort::Kind kind) {
  if (cpu.caches == nullptr) return;
  if (!cpu.caches->hits(pa, cpu.pipeline.data_now(), size, kind, security_of(cpu))) {
    cpu.caches->access(cache_access_of(cpu, op, pa, kind, size), cpu.pipeline.data());
  }
  cpu.pipeline.data_done();
}

constexpr CachePort::Kind kind_of(bool write) { return write ? CachePort::Kind::Store : CachePort::Kind::Load; }

/// LDTR and STTR are EL0's accesses at EL1, unless PSTATE.UAO is set; at the other ELs they are plain ones.
bool as_el0(const Cpu& cpu, AccessFlags flags) {
  return flags.unprivileged && cpu.pstate.el == El::El1 && !cpu.pstate.uao;
}

bool translate(Cpu& cpu, const Request& request, u64 va, vmsa::Translation& out) {
  vmsa::Access access = access_of(cpu, vmsa::AccessKind::Data, va, request.write);
  access.write |= request.flags.write_intent;
  if (as_el0(cpu, request.flags)) access.privileged = access.pan = false;
  access.aligned = !request.misaligned;
  out = translate_and_wait(cpu, access);
  if (out.ok()) return true;
  take_data_abort(cpu, request.op, out.fault, out.fault.write);
  return false;
}

/// Tells who looks at translation tables of a store that is done.
void tell_of_store(Cpu& cpu, Pa pa, u64 value, unsigned size) {
  const u64 now = cpu.ledger.elapsed();
  const unsigned first = std::min(size, 8 - static_cast<unsigned>(pa.value % 8));
  cpu.tables->written(pa, value & low_mask(first * 8), first, now);
  if (first != size) cpu.tables->written(pa + first, value >> (first * 8), size - first, now);
}

/// Remembers the TLB entry that has served an access, for the next one of its kind.
void install_residence(HostView& view, u64 va, const vmsa::Translation& translation, bool write) {
  if (!view.residences) view.residences = std::make_unique<ViewResidences>();
  const u64 page = va & ~u64{0xFFF};
  const HostEntry& old = view.data_entry(va);
  ViewResidences::Data& known = view.data_residence(va);
  if ((old.read_tag & ~kStrict) != page && (old.write_tag & ~kStrict) != page) known = {};
  (write ? known.write : known.read) = translation.residence;
}

/// Lets the fast path serve this page from now on.
void install_shortcut(Cpu& cpu, HostView& view, u64 va, const vmsa::Translation& translation, u8* host, bool watched) {
  const u64 page = va & ~u64{0xFFF};
  const u64 tag =
      translation.attributes.is_device() || (current_sctlr(cpu) & arm::sctlr::A) != 0 ? page | kStrict : page;
  const Pa pa = translation.pa.align_down(kPageBytes);
  const bool writable =
      translation.writable && !watched && cpu.bus.host_page(pa, true, translation.security()) != nullptr;
  view.data_entry(va) = {.read_tag = translation.readable ? tag : HostEntry::kNoTag,
                         .write_tag = writable ? tag : HostEntry::kNoTag,
                         .addend = reinterpret_cast<u64>(host) - page,
                         .pa_page = pa.value | translation.block_bits};
  if (cpu.observer != nullptr) {
    if (!view.addresses) view.addresses = std::make_unique<ViewAddresses>();
    view.data_ipa(va) = translation.ipa.align_down(kPageBytes);
  }
  view.note(page, translation.block_bits);
}

/// STXR, which reads to see whether the monitor has been lost; the architecture's does not.
bool is_monitors_look(AccessFlags flags, bool write) { return !write && flags.exclusive && flags.write_intent; }

void tell_observer(Cpu& cpu, u64 va, unsigned bytes, const vmsa::Translation& translation, const Request& request) {
  if (cpu.observer == nullptr || is_monitors_look(request.flags, request.write)) return;
  cpu.observer->accessed({Va{va}, translation.ipa, translation.pa, bytes, request.write});
}

/// Up to 8 bytes inside one page. `value` is read or written.
bool access_page(Cpu& cpu, const Request& request, u64 va, unsigned size, const vmsa::Translation& translation,
                 u64& value) {
  const Pa pa = translation.pa;
  const bool cached = translation.attributes.inner_cacheable || translation.attributes.outer_cacheable;
  const bool timed = cpu.fidelity == Fidelity::Timed;
  if (timed && cached && !request.looked_up) look_up_caches(cpu, request.op, pa, size, kind_of(request.write));
  // Data come by host pointer. What no cache serves is a bus access whose time counts.
  u8* const host =
      !timed || cached ? cpu.bus.host_page(pa.align_down(kPageBytes), request.write, translation.security()) : nullptr;
  if (cpu.shortcuts && host != nullptr) {
    HostView& view = known_view_of(cpu, request.flags);
    const bool installs = &view != &cpu.no_shortcuts;
    const bool watched = (request.write || installs) && cpu.code.watched(pa.align_down(kPageBytes));
    u8* const bytes = host + pa.offset_in(kPageBytes);
    if (request.write) {
      std::memcpy(bytes, &value, size);
      if (timed && cpu.tables != nullptr) tell_of_store(cpu, pa, value, size);
      if (watched) cpu.code.written(pa, size);
    } else {
      value = 0;
      std::memcpy(&value, bytes, size);
    }
    if (installs && timed) install_residence(view, va, translation, request.write || request.flags.write_intent);
    if (installs) install_shortcut(cpu, view, va, translation, host, watched);
    return true;
  }
  settle_before(cpu, request.op);
  // A device sees a read when everything older is done; a write is posted.
  if (timed && translation.attributes.is_device() && !request.write) cpu.pipeline.drain();
  const cost::Context context = ledger_context(cpu);
  BusAccess access{.pa = pa,
                   .size = static_cast<u8>(size),
                   .write = request.write,
                   .timed = timed && !cached,
                   .value = value,
                   .security = translation.security(),
                   .el = cpu.pstate.el,
                   .guest = context.guest,
                   .vmid = context.vmid};
  u64 result = 0;
  // The bus takes naturally aligned powers of two; an unaligned access to Normal memory goes in pieces.
  for (unsigned done = 0; done < size;) {
    unsigned piece = size - done;
    while (!is_aligned(pa.value + done, piece) || (piece & (piece - 1)) != 0) --piece;
    access.pa = pa + done;
    access.size = static_cast<u8>(piece);
    access.value = bit_field(value, done * 8, piece * 8);
    const BusResult answer = cpu.bus.access(access);
    const cost::Cause cause = cause_of(answer.served_by);
    if (host != nullptr) {
      // The caches have said what it takes, whoever is behind them: memory, or a flash that is read as memory.
    } else if (timed && cause != cost::Cause::Memory) {
      cpu.ledger.charge(cause, answer.cycles);
    } else if (timed && !cached) {
      cpu.pipeline.data().add(cause, answer.cycles);
      cpu.pipeline.data_done();
    }
    if (!answer.ok) {
      const vmsa::Fault fault{.type = vmsa::FaultType::External, .write = request.write, .va = Va{va}};
      take_data_abort(cpu, request.op, fault, request.write);
      return false;
    }
    result |= (answer.value & low_mask(piece * 8)) << (done * 8);
    done += piece;
  }
  if (request.write) {
    if (timed && cpu.tables != nullptr) tell_of_store(cpu, pa, value, size);
    if (cpu.code.watched(pa.align_down(kPageBytes))) cpu.code.written(pa, size);
  } else {
    value = result;
  }
  return true;
}

/// False: a watchpoint has taken the access.
bool watched_access(Cpu& cpu, const Request& request) {
  if (cpu.halts_at_data) [[unlikely]]
    watch_access(cpu, request.va, request.size, request.write);
  if (cpu.debug.watchpoints == 0) [[likely]]
    return true;
  return watchpoints_allow(cpu, request.op,
                           {.va = request.va,
                            .size = request.size,
                            .read = !request.write,
                            .write = request.write || request.flags.write_intent,
                            .privileged = cpu.pstate.el != El::El0 && !as_el0(cpu, request.flags)});
}

bool matches(u64 tag, u64 va, unsigned size, AccessFlags flags) {
  if (tag == ((va + size - 1) & ~u64{0xFFF})) return !flags.aligned || is_aligned(va, size);
  return tag == ((va & ~u64{0xFFF}) | kStrict) && is_aligned(va, size) && !flags.misaligned;
}

Pa pa_of(const HostEntry& entry, u64 va) { return Pa{(entry.pa_page & ~u64{0xFFF}) | (va & 0xFFF)}; }

/// A page that is known: in timed fidelity a hit of its TLB entry, if that is what it was, and a look into the caches.
/// nullptr: a full access.
[[gnu::always_inline]] inline const HostEntry* known_entry(Cpu& cpu, const Op* op, u64 va, unsigned size,
                                                           AccessFlags flags, bool write) {
  HostView& view = known_view_of(cpu, flags);
  const HostEntry& entry = view.data_entry(va);
  const bool as_write = write || flags.write_intent;
  if (!matches(as_write ? entry.write_tag : entry.read_tag, va, size, flags)) return nullptr;
  if (cpu.fidelity == Fidelity::Functional) return &entry;
  if (!view.residences) return nullptr;
  const ViewResidences::Data& residence = view.data_residence(va);
  const vmsa::ResidenceHandle& handle = as_write ? residence.write : residence.read;
  if (!handle.valid()) return nullptr;
  handle.touch();
  look_up_caches(cpu, op, pa_of(entry, va), size, kind_of(write));
  return &entry;
}

void tell_observer(Cpu& cpu, u64 va, unsigned bytes, const HostEntry& entry, AccessFlags flags, bool write) {
  if (is_monitors_look(flags, write)) return;
  const Ipa ipa{known_view_of(cpu, flags).data_ipa(va).value | (va & 0xFFF)};
  cpu.observer->accessed({Va{va}, ipa, pa_of(entry, va), bytes, write});
}

bool access(Cpu& cpu, Request request, u64& value) {
  request.misaligned = request.flags.misaligned || !is_aligned(request.va, request.size);
  if (request.misaligned && (request.flags.aligned || (current_sctlr(cpu) & arm::sctlr::A) != 0)) {
    const bool write = request.write || request.flags.write_intent;
    take_data_abort(cpu, request.op, {.type = vmsa::FaultType::Alignment, .write = write, .va = Va{request.va}}, write);
    return false;
  }
  vmsa::Translation first;
  if (!translate(cpu, request, request.va, first)) return false;
  const u64 in_page = kPageBytes - request.va % kPageBytes;
  if (in_page >= request.size && !watched_access(cpu, request)) return false;
  if (in_page >= request.size) {
    if (!access_page(cpu, request, request.va, request.size, first, value)) return false;
    tell_observer(cpu, request.va, request.size, first, request);
    return true;
  }

  // Both pages are translated before either is touched, so that a fault on the second leaves the first unchanged.
  const unsigned low_size = static_cast<unsigned>(in_page);
  const unsigned high_size = request.size - low_size;
  vmsa::Translation second;
  if (!translate(cpu, request, request.va + low_size, second)) return false;
  if (!watched_access(cpu, request)) return false;
  u64 low = value & low_mask(low_size * 8);
  u64 high = value >> (low_size * 8);
  if (!access_page(cpu, request, request.va, low_size, first, low)) return false;
  if (!access_page(cpu, request, request.va + low_size, high_size, second, high)) return false;
  value = low | high << (low_size * 8);
  tell_observer(cpu, request.va, low_size, first, request);
  tell_observer(cpu, request.va + low_size, high_size, second, request);
  return true;
}

}  // namespace

bool load_slow(Cpu& cpu, const Op* op, u64 va, unsigned size, AccessFlags flags) {
  cpu.scratch[0] = 0;
  if (const HostEntry* const entry = known_entry(cpu, op, va, size, flags, false)) {
    std::memcpy(&cpu.scratch[0], reinterpret_cast<const void*>(va + entry->addend), size);
    if (cpu.observer != nullptr) [[unlikely]]
      tell_observer(cpu, va, size, *entry, flags, false);
    return true;
  }
  return access(cpu, {.op = op, .va = va, .size = size, .write = false, .flags = flags, .misaligned = false},
                cpu.scratch[0]);
}

bool store_slow(Cpu& cpu, const Op* op, u64 va, unsigned size, u64 value, AccessFlags flags) {
  if (const HostEntry* const entry = known_entry(cpu, op, va, size, flags, true)) {
    std::memcpy(reinterpret_cast<void*>(va + entry->addend), &value, size);
    if (cpu.tables != nullptr && cpu.fidelity == Fidelity::Timed) tell_of_store(cpu, pa_of(*entry, va), value, size);
    if (cpu.observer != nullptr) [[unlikely]]
      tell_observer(cpu, va, size, *entry, flags, true);
    return true;
  }
  return access(cpu, {.op = op, .va = va, .size = size, .write = true, .flags = flags, .misaligned = false}, value);
}

bool check_sp_alignment_slow(Cpu& cpu, const Op* op) {
  if (!(current_sctlr(cpu) & (cpu.pstate.el == El::El0 ? arm::sctlr::SA0 : arm::sctlr::SA))) return true;
  settle_before(cpu, op);
  take_sp_alignment_fault(cpu, pc_of(cpu, op));
  return false;
}

bool zero_translated(Cpu& cpu, const Op* op, u64 va, unsigned size, vmsa::Translation translation) {
  const Pa first{translation.pa.align_down(kPageBytes).value + va % kPageBytes};
  const vmsa::Translation whole = translation;
  const Request request{
      .op = op, .va = va, .size = 8, .write = true, .flags = {}, .misaligned = false, .looked_up = true};
  const bool cached = translation.attributes.inner_cacheable || translation.attributes.outer_cacheable;
  if (cpu.fidelity == Fidelity::Timed && cached) look_up_caches(cpu, op, first, size, CachePort::Kind::Zero);
  for (unsigned offset = 0; offset < size; offset += 8) {
    translation.pa = first + offset;
    u64 zero = 0;
    if (!access_page(cpu, request, va + offset, 8, translation, zero)) return false;
  }
  tell_observer(cpu, va, size, whole, request);
  return true;
}

bool monitor_is_lost(const Cpu& cpu) {
  const ExclusiveMonitor& monitor = cpu.monitor;
  const vmsa::Translation translation =
      cpu.mmu.peek(access_of(cpu, vmsa::AccessKind::Data, monitor.va, false), cpu.controls);
  if (!translation.ok()) return false;
  // Exclusive accesses are aligned: what one saw lies in one page.
  const u8* const page = cpu.bus.host_page(translation.pa.align_down(kPageBytes), false, translation.security());
  return page != nullptr && std::memcmp(page + translation.pa.offset_in(kPageBytes), monitor.value, monitor.size) != 0;
}

void prefetch(Cpu& cpu, const Op* op, u64 va, bool for_store) {
  if (!has_caches(cpu)) return;
  cost::Latency latency;  // nobody waits
  const vmsa::Translation translation = cpu.mmu.translate(access_of(cpu, vmsa::AccessKind::Data, va, false),
                                                          cpu.controls, cpu.pipeline.data_now(), latency);
  if (!translation.ok()) return;
  if (!translation.attributes.inner_cacheable && !translation.attributes.outer_cacheable) return;
  CachePort::Access access = cache_access_of(cpu, op, translation.pa,
                                             for_store ? CachePort::Kind::PrefetchStore : CachePort::Kind::Prefetch, 1);
  access.now += latency.total();
  cpu.caches->access(access, latency);
}

bool translate_for(Cpu& cpu, const Op* op, u64 va, const vmsa::Access& wanted, vmsa::Translation& out) {
  vmsa::Access access = wanted;
  access.va = Va{va};
  settle_before(cpu, op);
  out = translate_and_wait(cpu, access);
  if (out.ok()) return true;
  take_data_abort(cpu, op, out.fault, out.fault.write, wanted.kind == vmsa::AccessKind::CacheMaintenance);
  return false;
}

void Cpu::protect_code(Pa page_address) { host.protect(page_address); }

}  // namespace tw::cpu
