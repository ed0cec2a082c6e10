#include "cpu/code_cache.hpp"

#include <algorithm>

#include "cpu/cpu.hpp"
#include "cpu/engine.hpp"

namespace tw::cpu {

namespace {

/// Decoded pages kept at once: 33 KB each, so about 130 MB.
constexpr std::size_t kMaximumPages = 4096;

/// Where CodePage::patience ends: a page that mixes code and data that far is watched store by store.
constexpr u32 kMaximumPatience = u32{1} << 20;

constexpr u64 page_of(Pa pa) { return pa.value & ~(kPageBytes - 1); }

}  // namespace

void CodeCache::mark_undecoded(CodePage& page) {
  for (unsigned slot = 0; slot < kOpsPerPage; ++slot) page.ops[slot].run = undecoded;
  // Pseudo-ops cost nothing: Cause::Instruction has no cost in timed fidelity.
  page.ops[kOpsPerPage].run = page_end;
  page.ops[kOpsPerPage].cost = cost::Cause::Instruction;
  page.live = false;
  page.watched_stores = 0;
}

CodePage& CodeCache::page(Pa pa, const u8* host) {
  const u64 key = page_of(pa);
  auto found = pages_.find(key);
  if (found == pages_.end()) {
    if (pages_.size() >= kMaximumPages) {
      pages_.clear();
      for (Cpu* cpu : cpus_) cpu->flush_translations();
    }
    found = pages_.emplace(key, std::make_unique<CodePage>()).first;
    found->second->pa = Pa{key};
    mark_undecoded(*found->second);
  }
  found->second->host = host;
  return *found->second;
}

void CodeCache::watch(CodePage& page) {
  if (page.live) return;
  page.live = true;
  for (Cpu* cpu : cpus_) cpu->protect_code(page.pa);
}

bool CodeCache::watched(Pa page) const {
  const auto found = pages_.find(page_of(page));
  return found != pages_.end() && found->second->live;
}

void CodeCache::written(Pa pa, u64 size) {
  for (u64 key = page_of(pa); key < pa.value + size; key += kPageBytes) {
    const auto found = pages_.find(key);
    if (found == pages_.end() || !found->second->live) continue;
    CodePage& page = *found->second;
    const u64 first = pa.value > key ? pa.value - key : 0;
    const u64 last = std::min(pa.value + size - key, kPageBytes) - 1;
    for (u64 slot = first / 4; slot <= last / 4; ++slot) page.ops[slot].run = undecoded;
    if (++page.watched_stores < page.patience) continue;
    // Data again, it seems. If it turns out to be code after all, decoding it anew was dearer than watching.
    page.patience = std::min(page.patience * 2, kMaximumPatience);
    mark_undecoded(page);
  }
}

void CodeCache::invalidate(Pa page) {
  const auto found = pages_.find(page_of(page));
  if (found != pages_.end() && found->second->live) mark_undecoded(*found->second);
}

void CodeCache::invalidate_all() {
  for (auto& [key, page] : pages_) {
    if (page->live) mark_undecoded(*page);
  }
}

void CodeCache::halt_at(const Slots& slots) {
  const Slots moved = halt_slots_ ^ slots;
  halt_slots_ = slots;
  for (std::size_t slot = 0; slot < kOpsPerPage; ++slot) {
    if (!moved[slot]) continue;
    for (auto& [key, page] : pages_) page->ops[slot].run = undecoded;
  }
}

void CodeCache::forget_host_pages() {
  for (auto& [key, page] : pages_) {
    mark_undecoded(*page);
    page->host = nullptr;
  }
  for (Cpu* cpu : cpus_) cpu->flush_translations();
}

}  // namespace tw::cpu
