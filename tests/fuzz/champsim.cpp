// ChampSim's instructions, of both sizes.
#include <array>

#include "fuzz/importers.hpp"
#include "fuzz/sample.hpp"

using namespace tw;

extern "C" std::size_t LLVMFuzzerCustomMutator(u8* data, std::size_t size, std::size_t max_size, unsigned seed) {
  std::array<u8, 192> sample{};  // three of 64 bytes, two of 96
  for (std::size_t at = 0; at < sample.size(); at += 32) sample[at] = 1;
  return fuzz::mutate_from(sample, data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::import("champsim", data, size);
  fuzz::import("cloudsuite", data, size);
  return 0;
}
