// Decoded code by physical page, shared by the cores of a platform.
#pragma once

#include <bitset>
#include <memory>
#include <unordered_map>
#include <vector>

#include "cpu/op.hpp"

namespace tw::cpu {

class CodeCache final {
 public:
  /// Cores whose host shortcuts must lose write permission when a page becomes code.
  void attach(Cpu& cpu) { cpus_.push_back(&cpu); }

  /// The decoded page at `pa`, whose bytes are at `host`; created with every op still to be decoded. Not to be called
  /// from inside a run loop: it may discard pages.
  CodePage& page(Pa pa, const u8* host);
  /// An op of `page` is about to be decoded: from now on stores to the page must be reported.
  void watch(CodePage& page);
  /// Whether stores to this physical page must be reported through written().
  bool watched(Pa page) const;
  /// `size` bytes at `pa` changed (store, DMA): their ops decode anew.
  void written(Pa pa, u64 size);
  /// The page's ops decode anew (IC, load of an image).
  void invalidate(Pa page);
  void invalidate_all();
  /// Host pointers are void (DMI invalidated).
  void forget_host_pages();
  /// Where in a page some core has a breakpoint (halting.hpp): these ops are marked(), in all pages. Called at any
  /// time.
  using Slots = std::bitset<kOpsPerPage>;
  void halt_at(const Slots& slots);
  bool halts(std::size_t slot) const { return halt_slots_[slot]; }
  std::size_t pages() const { return pages_.size(); }

  static void mark_undecoded(CodePage& page);

 private:
  std::unordered_map<u64, std::unique_ptr<CodePage>> pages_;
  std::vector<Cpu*> cpus_;
  Slots halt_slots_;
};

}  // namespace tw::cpu
