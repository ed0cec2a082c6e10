// gem5's packets.
#include <string_view>

#include "fuzz/importers.hpp"
#include "fuzz/sample.hpp"

using namespace tw;

extern "C" std::size_t LLVMFuzzerCustomMutator(u8* data, std::size_t size, std::size_t max_size, unsigned seed) {
  using namespace std::string_view_literals;
  // A header with one name; a fetch at 0x1234; a write of 8 bytes at 0x1040.
  static constexpr std::string_view kTrace =
      "gem5\x0E\x0A\x01m\x18\xE8\x07\x22\x06\x08\x01\x12\x02io"
      "\x0E\x08\x01\x10\x01\x18\xB4\x24\x20\x04\x28\x80\x02\x30\x01"
      "\x09\x08\x02\x10\x04\x18\xC0\x20\x20\x08"sv;
  return fuzz::mutate_from(fuzz::bytes_of(kTrace), data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::import("gem5", data, size);
  return 0;
}
