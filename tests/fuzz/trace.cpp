// Files of traces: a UserError, or records that can be written and are then the same. One half of the inputs is a file;
// the other is the coded records of a block, behind the checksums.
#include <sstream>

#include "base/error.hpp"
#include "fuzz/input.hpp"
#include "trace/codec.hpp"
#include "trace/reader.hpp"

using namespace tw;

namespace {

void whole_file(const u8* data, std::size_t size) {
  try {
    trace::Reader reader("fuzz.trace",
                         std::make_unique<std::istringstream>(std::string(reinterpret_cast<const char*>(data), size)));
    while (!reader.next().empty()) {
    }
  } catch (const UserError&) {
  }
}

void coded_block(const u8* data, std::size_t size, unsigned choice) {
  const trace::Contents contents{(choice & 1) != 0, (choice & 2) != 0};
  trace::Bytes bytes(data, data + size);
  bytes.resize(size + trace::kDecoderSlack);
  std::vector<trace::Record> records, again;
  if (!trace::decode({bytes.data(), size}, choice >> 2, contents, records)) return;
  trace::Encoder encoder(contents);
  for (const trace::Record& record : records) encoder.add(record);
  trace::Bytes coded(encoder.bytes().begin(), encoder.bytes().end());
  const std::size_t length = coded.size();
  coded.resize(length + trace::kDecoderSlack);
  fuzz::require(trace::decode({coded.data(), length}, encoder.records(), contents, again) && again == records);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  if (size == 0) return 0;
  if (data[0] == trace::kMagic[0]) {
    whole_file(data, size);
  } else {
    coded_block(data + 1, size - 1, data[0]);
  }
  return 0;
}
