// --ghost STRUCTURE=entries:FROM[..TO][,ways:N|full]
#pragma once

#include <string>
#include <vector>

#include "mmu/structures.hpp"

namespace tw::command {

/// One ghost a size: FROM, twice that, and so on up to TO.
std::vector<mmu::GhostSpec> parse_ghost(const std::string& text);

}  // namespace tw::command
