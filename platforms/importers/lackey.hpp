// The text of `valgrind --tool=lackey --trace-mem=yes` (lackey's own manual; lackey/lk_main.c describes the lines):
// "I  ADDRESS,SIZE" a fetch, " L" a load, " S" a store, " M" a load and a store of the same bytes.
#pragma once

#include "platforms/importers/importers.hpp"

namespace tw::importers {

/// valgrind's own lines are left out, and not counted. Throws UserError with the line for what is not lackey's.
LeftOut import_lackey(Input& input, const Options& options, const Sink& sink);

}  // namespace tw::importers
