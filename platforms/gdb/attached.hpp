// What one debugger has set up; gone with it.
#pragma once

#include <optional>
#include <string>

#include "platforms/control/target.hpp"
#include "platforms/gdb/description.hpp"
#include "platforms/gdb/points.hpp"

namespace tw::gdb {

/// How packets m, M and X see memory.
struct MemoryView {
  control::Space space = control::Space::Virtual;
  std::optional<unsigned> el = {};  ///< nothing: that where the core is
};

/// A step that is repeated while the core stays inside (vCont;r).
struct Range {
  unsigned core = 0;
  u64 first = 0, end = 0;
};

struct Attached {
  control::Target& target;
  const Description& description;
  control::Stop stop = {};  ///< why the run stands
  unsigned core = 0;        ///< whose registers and translations: Hg
  unsigned resumed = 0;     ///< whom s and c mean: Hc
  bool acknowledges = true;
  MemoryView memory = {};
  Points points = {};
  std::optional<Range> range = {};
  u8 exceptions = 0;  ///< bit n: one that is taken to ELn ends a `continue`
  /// A watchpoint that the run stands behind. gdb believes that an AArch64 core stands before the access: it takes the
  /// watchpoint away, and steps once. That step has been done already.
  std::optional<Point> passed = {};

  control::View view() const { return {.space = memory.space, .core = core, .el = memory.el}; }
};

}  // namespace tw::gdb
