// The text of `valgrind --tool=lackey --trace-mem=yes` as a trace (lackey's own manual; lackey/lk_main.c describes the
// lines): "I  ADDRESS,SIZE" a fetch, " L" a load, " S" a store, " M" a load and a store of the same bytes.
#pragma once

#include <istream>
#include <string>

#include "trace/writer.hpp"

namespace tw::replay {

/// All accesses of `text` with the context of `context`; valgrind's own lines are left out. How many there were.
/// Throws UserError with `name` and line for what is not lackey's, and when there is no access at all.
u64 import_lackey(std::istream& text, const std::string& name, const trace::Record& context, trace::Writer& writer);

}  // namespace tw::replay
