// One access of a trace, and who a trace comes from.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/types.hpp"

namespace tw::trace {

enum class Kind : u8 { Fetch, Read, Write };
inline constexpr unsigned kKinds = 3;

/// Of an access by a core.
inline constexpr StreamId kNoStream{0xFFFF'FFFF};

struct Record {
  Va va{};    ///< of a DMA its IOVA
  Ipa ipa{};  ///< equal to `pa` where no stage 2 is in force
  Pa pa{};
  u32 size = 0;  ///< bytes
  StreamId stream = kNoStream;
  Vmid vmid{};
  Asid asid{};
  Kind kind = Kind::Read;
  El el = El::El0;
  bool operator==(const Record&) const = default;
};

/// What a trace knows of each access beside its VA. What it does not know is zero in every record.
struct Contents {
  bool ipa = true;
  bool pa = true;
  bool operator==(const Contents&) const = default;
};

/// How the trace was made: "command", "build", "configuration" (a hash), and whatever else is worth keeping.
using Provenance = std::vector<std::pair<std::string, std::string>>;

struct Header {
  Contents contents;
  Provenance provenance;
  bool operator==(const Header&) const = default;
};

}  // namespace tw::trace
