// Mutation that starts from a valid file: a format with a magic number is not found by chance.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "base/types.hpp"

extern "C" std::size_t LLVMFuzzerMutate(tw::u8* data, std::size_t size, std::size_t max_size);

namespace tw::fuzz {

/// For LLVMFuzzerCustomMutator: one input in sixteen is the sample again, with one mutation.
inline std::size_t mutate_from(std::span<const u8> sample, u8* data, std::size_t size, std::size_t max_size,
                               unsigned seed) {
  if (size < 8 || seed % 16 == 0) {
    size = std::min(sample.size(), max_size);
    std::memcpy(data, sample.data(), size);
  }
  return LLVMFuzzerMutate(data, size, max_size);
}

inline std::span<const u8> bytes_of(std::string_view text) {
  return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

}  // namespace tw::fuzz
