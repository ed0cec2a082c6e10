// Lackey's text, in one of a few packings.
#include <string_view>

#include "fuzz/importers.hpp"
#include "fuzz/sample.hpp"

using namespace tw;

extern "C" std::size_t LLVMFuzzerCustomMutator(u8* data, std::size_t size, std::size_t max_size, unsigned seed) {
  static constexpr std::string_view kText =
      "==12== Lackey\nI  0401ab70,3\n L 1ffefff3a8,8\n M 0401ab90,4\n S 3000,16\n";
  return fuzz::mutate_from(fuzz::bytes_of(kText), data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::import("lackey", data, size);
  return 0;
}
