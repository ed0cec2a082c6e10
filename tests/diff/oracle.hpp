// Unicorn as the oracle: one AArch64 core at EL1 with the MMU off, on its own copy of the memory.
#pragma once

#include <array>
#include <vector>

#include "base/types.hpp"

struct uc_struct;

namespace tw::diff {

/// What is compared after an instruction, memory aside.
struct State {
  std::array<u64, 31> x{};
  u64 sp = 0;
  u64 pc = 0;
  u64 nzcv = 0;
  bool operator==(const State&) const = default;
};

class Oracle final {
 public:
  enum class Model : u8 {
    CortexA57,  ///< Armv8.0 with CRC32
    Max,        ///< everything that Unicorn has
  };
  /// `memory` is at `base`, page-aligned, and stays the caller's.
  Oracle(Model model, u64 base, u8* memory, u64 bytes);
  ~Oracle();
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  void set(const State& state);
  State get() const;
  /// Executes from `state.pc` until `end` is reached, or `count` instructions (0: no limit). False: an exception or a
  /// memory error.
  bool run(u64 pc, u64 end, u64 count);
  /// The code at `at` will change. (Unicorn translates a branch's target before it stops in front of it.)
  void forget_code(u64 at);
  /// For the state that `State` does not hold (fp_state.cpp).
  uc_struct* handle() const { return uc_; }

 private:
  uc_struct* uc_ = nullptr;
};

}  // namespace tw::diff
