#include "cpu/system/guest_memory.hpp"

#include <algorithm>
#include <cstring>

#include "cpu/code_cache.hpp"
#include "cpu/memory.hpp"

namespace tw::cpu {
namespace {

/// Host address of `va`, or nullptr.
u8* host_address(Cpu& cpu, u64 va, bool write, Pa& pa) {
  const vmsa::Access access = access_of(cpu, vmsa::AccessKind::AddressTranslation, va, write);
  const vmsa::Translation translation = cpu.mmu.peek(access, cpu.controls);
  if (!translation.ok()) return nullptr;
  pa = translation.pa;
  u8* const page = cpu.bus.host_page(pa.align_down(kPageBytes), write, translation.security());
  return page != nullptr ? page + pa.offset_in(kPageBytes) : nullptr;
}

template <class Bytes, class Copy>
bool by_pages(Cpu& cpu, u64 va, Bytes bytes, bool write, Copy copy) {
  for (std::size_t done = 0; done < bytes.size();) {
    const u64 at = va + done;
    const std::size_t size = std::min<std::size_t>(bytes.size() - done, kPageBytes - at % kPageBytes);
    Pa pa;
    u8* const host = host_address(cpu, at, write, pa);
    if (host == nullptr) return false;
    copy(host, bytes.subspan(done, size));
    if (write && cpu.code.watched(pa.align_down(kPageBytes))) cpu.code.written(pa, size);
    done += size;
  }
  return true;
}

}  // namespace

bool read_guest(Cpu& cpu, u64 va, std::span<u8> out) {
  return by_pages(cpu, va, out, false,
                  [](const u8* host, std::span<u8> piece) { std::memcpy(piece.data(), host, piece.size()); });
}

bool write_guest(Cpu& cpu, u64 va, std::span<const u8> in) {
  return by_pages(cpu, va, in, true,
                  [](u8* host, std::span<const u8> piece) { std::memcpy(host, piece.data(), piece.size()); });
}

}  // namespace tw::cpu
