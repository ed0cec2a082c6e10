// What tools pack their traces with, gzip, xz and zstd: a complaint, or accesses of lackey's.
#include <array>

#include "fuzz/importers.hpp"
#include "fuzz/sample.hpp"
#include "support/packed.hpp"

using namespace tw;

extern "C" std::size_t LLVMFuzzerCustomMutator(u8* data, std::size_t size, std::size_t max_size, unsigned seed) {
  static const std::string text = "I  0401ab70,3\n L 1ffefff3a8,8\n M 0401ab90,4\n S 3000,16\n";
  static const std::array<std::string, 6> samples = {packed::gzip(text), packed::gzip(text) + packed::gzip(text),
                                                     packed::xz(text),   packed::xz(text) + packed::xz(text),
                                                     packed::zstd(text), packed::zstd(text) + packed::zstd(text)};
  return fuzz::mutate_from(fuzz::bytes_of(samples[seed / 16 % samples.size()]), data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::import("lackey", data, size);
  return 0;
}
