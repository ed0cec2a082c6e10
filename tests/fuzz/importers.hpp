// A file of another tool's from the fuzzer's bytes: a complaint, or records that a trace can hold.
#pragma once

#include <memory>
#include <sstream>
#include <string>

#include "base/error.hpp"
#include "fuzz/input.hpp"
#include "platforms/importers/importers.hpp"

namespace tw::fuzz {

inline void import(const char* importer, const u8* data, std::size_t size) {
  try {
    importers::Input input(
        "fuzz", std::make_unique<std::istringstream>(std::string(reinterpret_cast<const char*>(data), size)));
    importers::importer_of(importer).import(input, {}, [](const trace::Record& record) {
      require(record.size != 0 && static_cast<unsigned>(record.kind) < 3 && record.stream == trace::kNoStream);
    });
  } catch (const UserError& error) {
    require(std::string(error.what()).starts_with("fuzz:"));
  }
}

}  // namespace tw::fuzz
