// Inside of the walker: a translation on its way, and its accesses to descriptors.
#pragma once

#include <optional>

#include "vmsa/mapping.hpp"
#include "vmsa/permissions.hpp"
#include "vmsa/walker.hpp"

namespace tw::vmsa {

/// One translation on its way, over both stages.
struct Journey {
  const Access& access;
  const Controls& controls;
  const WalkOptions& options;
  DescriptorPort& port;
  bool nested;  ///< stage 2 is in force
};

/// `fault` with what is known of the access.
Fault complete_fault(Fault fault, const Journey& journey, unsigned stage);

/// Fetches one descriptor, as soon as the access has come to it, and files it in the record; or gives false, and a
/// `fault` with a type and a level only.
bool fetch(const Journey& journey, DescriptorRequest& request, bool big_endian, u64& descriptor, Fault& fault);

// ---- hardware updates (FEAT_HAFDBS, Arm ARM D8.5)

constexpr u64 kAccessFlag = u64{1} << 10, kDbm = u64{1} << 51;
constexpr u64 kReadOnly = u64{1} << 7;     // AP[2] of stage 1
constexpr u64 kStage2Write = u64{1} << 7;  // S2AP[1]

/// Memory that changes on each look at it is no memory to keep tables in.
constexpr unsigned kUpdateAttempts = 8;

/// What an update comes to: `again` when another observer has changed the descriptor meanwhile.
struct UpdateOutcome {
  Fault fault;
  bool again = false;
};

/// Puts `desired` in the place of `expected`, and files that in the record. Does nothing without WalkOptions::updates.
UpdateOutcome update(const Journey& journey, DescriptorRequest& request, bool big_endian, u64 expected, u64 desired);
/// The fault of kUpdateAttempts in vain.
Fault restless(int level);

// Both stages give false, and a `fault`, or a leaf. They write it where it stays: a copy of fields that were stored a
// moment ago waits for the stores.

// ---- stage 2 (stage2.cpp): `leaf` becomes that of `ipa`, with hardware's marks in its descriptor, checked

/// On the way to a stage-1 descriptor of `level`.
bool stage2_of_table(const Journey& journey, Ipa ipa, int level, Stage2Leaf& leaf, Fault& fault);
/// Of the hardware update of a stage-1 descriptor of `level`.
bool stage2_of_update(const Journey& journey, Ipa ipa, int level, Stage2Leaf& leaf, Fault& fault);
/// Of the access itself.
bool stage2_of_access(const Journey& journey, Ipa ipa, Stage2Leaf& leaf, Permissions& permissions, Fault& fault);
bool stage2_cacheable(const Stage2Leaf& leaf, const Controls& controls);

// ---- stage 1 (stage1.cpp)

/// Stage 1 with hardware's marks in its descriptor. They are made when stage 1 lets the access pass, before stage 2
/// looks at it (AArch64.S1Translate).
bool stage1_translate(const Journey& journey, Stage1Leaf& leaf, Fault& fault);

}  // namespace tw::vmsa
