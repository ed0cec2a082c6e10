// --ghost STRUCTURE=entries:FROM[..TO][,ways:N|full]
#pragma once

#include <string>
#include <vector>

#include "vmsa/tlb/ghost.hpp"

namespace tw::command {

/// Of the MMU of each core, and of the SMMU ("smmu.tlb").
struct GhostOptions {
  std::vector<vmsa::GhostSpec> cores, smmu;
};
/// Adds one ghost a size: FROM, twice that, and so on up to TO.
void parse_ghost(const std::string& text, GhostOptions& into);

}  // namespace tw::command
