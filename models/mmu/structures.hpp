// The structures that an MMU is made of (vmsa/tlb, shared with the SMMU), by their names.
#pragma once

#include "vmsa/tlb/ghost.hpp"
#include "vmsa/tlb/tag_array.hpp"
#include "vmsa/tlb/tlb.hpp"

namespace tw::mmu {

using vmsa::concerns_leaves;
using vmsa::concerns_stage2;
using vmsa::concerns_stage2_tables;
using vmsa::concerns_tables;
using vmsa::Context;
using vmsa::context_of;
using vmsa::ContextWord;
using vmsa::GhostResult;
using vmsa::Ghosts;
using vmsa::GhostSpec;
using vmsa::Haunted;
using vmsa::Indexing;
using vmsa::IpaTlb;
using vmsa::is_of_asid;
using vmsa::is_of_guests;
using vmsa::kHauntedNames;
using vmsa::leaf_tag;
using vmsa::matches;
using vmsa::name;
using vmsa::Owner;
using vmsa::Policy;
using vmsa::policy_of;
using vmsa::Reach;
using vmsa::reach_of;
using vmsa::Shape;
using vmsa::Stage1WalkCache;
using vmsa::Stage2WalkCache;
using vmsa::Tag;
using vmsa::TagArray;
using vmsa::takes;
using vmsa::Tlb;
using vmsa::TlbStatistics;

}  // namespace tw::mmu
