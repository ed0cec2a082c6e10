// Decoded code by physical page, shared by the cores of a platform.
#pragma once

#include <memory>
#include <unordered_map>

#include "cpu/op.hpp"

namespace tw::arm {
struct CpuModel;
}

namespace tw::cpu {

class CodeCache final {
 public:
  /// The decoded page at `pa`, whose bytes are at `host`; created with every op still to be decoded.
  CodePage& page(Pa pa, const u8* host);
  bool contains(Pa page) const { return pages_.contains(page.value); }
  /// The page's bytes changed (store, DMA, IC): its ops decode anew.
  void invalidate(Pa page);
  void invalidate_all();
  std::size_t pages() const { return pages_.size(); }

  static void mark_undecoded(CodePage& page);

 private:
  std::unordered_map<u64, std::unique_ptr<CodePage>> pages_;
};

}  // namespace tw::cpu
