// Slices in lanes: those of a lane nest or lie apart, as the viewers want it of a track.
#pragma once

#include <string>
#include <vector>

#include "platforms/report/perfetto/writer.hpp"

namespace tw::report::perfetto {

struct Slice {
  u64 begin_ps = 0;
  u64 end_ps = 0;
  std::string name;
  Args args;
  std::vector<Slice> inside;  ///< in order, apart from each other, within this one
};

/// Gives out threads of a process, each number once in a trace.
class Threads final {
 public:
  explicit Threads(u64 process) : process_(process), next_(process * 1000) {}
  u64 process() const { return process_; }
  Track next() { return {process_, ++next_}; }

 private:
  u64 process_;
  u64 next_;
};

/// For each slice, the lane: the first in which it nests with all before it. `order` gets their order by time, what
/// contains before what is contained.
std::vector<std::size_t> lanes_of(const std::vector<Slice>& slices, std::vector<std::size_t>& order);

/// Writes the slices in as many threads as it takes, all called `name`. For each slice, its track.
std::vector<Track> write_track(Writer& writer, Threads& threads, const std::string& name,
                               const std::vector<Slice>& slices);

}  // namespace tw::report::perfetto
