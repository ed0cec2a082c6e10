// Parameter files: whatever is in them ends in values within range, or in complaints.
#include "fuzz/sample.hpp"
#include "platforms/config/all_parameters.hpp"

using namespace tw;

extern "C" std::size_t LLVMFuzzerCustomMutator(u8* data, std::size_t size, std::size_t max_size, unsigned seed) {
  return fuzz::mutate_from(fuzz::bytes_of(config::builtins()[seed / 16 % config::builtins().size()].text), data, size,
                           max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  config::PlatformConfig platform;
  config::ParameterTable table;
  config::add_all(table, platform);
  const std::string text(reinterpret_cast<const char*>(data), size);
  table.load_text(text, "fuzz.toml");
  table.set(text.substr(0, 100));
  for (const config::Parameter& parameter : table.parameters()) {
    const u64* number = std::get_if<u64>(&parameter.value);
    if (number && (*number < parameter.min || *number > parameter.max)) std::abort();
  }
  return 0;
}
