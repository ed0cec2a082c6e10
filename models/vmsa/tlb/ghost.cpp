#include "vmsa/tlb/ghost.hpp"

#include <utility>

namespace tw::vmsa {
namespace {

Shape resized(Shape like, const GhostSpec& spec) {
  for (Part& part : like.more) {
    if (part.entries == like.entries && part.ways == like.ways) part = {spec.entries, spec.ways};  // one a level
  }
  like.entries = spec.entries;
  like.ways = spec.ways;
  return like;
}

}  // namespace

Ghost::Ghost(const GhostSpec& spec, Shape like) : spec_(spec), tags_(resized(std::move(like), spec)) {}

void Ghosts::begin_walk(u64 va, ContextWord context) {
  walking_ = true;
  va_ = va;
  context_ = context;
  deepest_ = Ghost::kNoBits;
  look_up(Haunted::WalkCache, va, context);
}

void Ghosts::invalidate(const Invalidate& what) {
  flush([&](const Tag& tag) { return takes(what, tag); });
}

void Ghosts::clear() {
  for (auto& ghosts : ghosts_) {
    for (Ghost& ghost : ghosts) ghost.tags().clear();
  }
}

void Ghosts::clear_statistics() {
  for (auto& ghosts : ghosts_) {
    for (Ghost& ghost : ghosts) ghost.counters = {};
  }
}

}  // namespace tw::vmsa
