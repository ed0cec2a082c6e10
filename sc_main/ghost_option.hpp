// --ghost STRUCTURE=entries:FROM[..TO][,ways:N|full]
#pragma once

#include <string>
#include <vector>

#include "smmu/smmu.hpp"
#include "vmsa/tlb/ghost.hpp"

namespace tw::command {

/// Of the MMU of each core, and of the SMMU ("smmu.tlb").
struct GhostOptions {
  std::vector<vmsa::GhostSpec> cores, smmu;
};
/// Adds one ghost a size: FROM, twice that, and so on up to TO.
void parse_ghost(const std::string& text, GhostOptions& into);
/// Throws UserError where there are some of an SMMU, and no SMMU.
void add_ghosts(const GhostOptions& ghosts, smmu::Smmu* smmu);

}  // namespace tw::command
