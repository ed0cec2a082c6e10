// When a run is functional, when it is timed, and when it is measured: phases that follow one another at marks and
// after numbers of instructions. Whoever runs the cores asks before every slice.
#pragma once

#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "platforms/region/mark.hpp"

namespace tw::region {

/// Periodic sampling, in instructions of all cores: functional, then warm, then measured, and again.
struct Sampling {
  u64 period = 0;  ///< from one sample to the next; functional are period - warm - measure
  u64 warm = 0;
  u64 measure = 0;
  bool operator==(const Sampling&) const = default;
};

struct Options {
  bool timed = false;                         ///< the region begins with the run
  std::optional<Mark> from = {}, until = {};  ///< its ends
  bool repeat = false;                        ///< it may begin again
  u64 warm_up = 0;                        ///< instructions at its beginning that fill structures and are not measured
  std::optional<Sampling> sampling = {};  ///< only samples of it are timed
  /// Nothing of all this: a functional run, all of it measured.
  bool plain() const { return !timed && !from && !sampling; }
};

enum class Phase : u8 {
  Functional,  ///< at one cycle an instruction, measured by nobody
  WarmUp,      ///< timed, not measured
  Measured,
};
inline constexpr unsigned kPhaseCount = 3;
/// "functional", "warm-up", "measured".
std::string_view name_of(Phase phase);

/// A moment of the run.
struct Position {
  u64 instructions = 0;  ///< of all cores
  u64 picoseconds = 0;   ///< simulated
  u64 idle_cycles = 0;   ///< of all cores
};

/// A stretch of the run that belongs to the region; of a region that is sampled, all of it.
struct Span {
  Position begin, end;
};

class Plan final {
 public:
  explicit Plan(Options options);

  const Options& options() const { return options_; }
  Phase phase() const { return phase_; }
  bool timed() const { return phase_ != Phase::Functional && !options_.plain(); }
  /// Changes with every phase.
  u64 number() const { return number_; }
  /// Measured phases begun so far; the present or last one has this number, from 1.
  u64 intervals() const { return intervals_; }
  /// What ends the phase besides a number of instructions; nullptr: nothing.
  const Mark* awaited() const;

  /// Instructions until the phase has to be looked at.
  u64 left(u64 instructions) const;
  /// The run is at `now`. True: another phase has begun.
  bool advance(const Position& now);
  /// awaited() is reached. (Counted marks come by advance().)
  void reached(const Position& now);
  /// The run ends.
  void finish(const Position& now);

  /// The sample of this number ended before it had all its instructions.
  bool cut(u64 interval) const { return cut_ == interval; }

  const std::vector<Span>& spans() const { return spans_; }
  /// What was awaited was never reached.
  bool never_began() const { return spans_.empty(); }

 private:
  static constexpr u64 kNever = std::numeric_limits<u64>::max();
  void enter(const Position& now);
  void leave(const Position& now);
  void begin(Phase phase, const Position& now, u64 instructions);
  void begin_period(const Position& now);
  void measure(const Position& now);
  void open(const Position& now) { spans_.push_back({now, now}), open_ = true; }

  Options options_;
  Phase phase_ = Phase::Functional;
  bool inside_ = false;  ///< of the region
  bool over_ = false;    ///< and it does not begin again
  bool open_ = false;    ///< the last span is not finished
  u64 number_ = 0, intervals_ = 0;
  u64 cut_ = 0;             ///< the last interval that was
  u64 phase_end_ = kNever;  ///< instructions
  u64 mark_at_ = kNever;    ///< where an awaited count is reached
  std::vector<Span> spans_;
};

}  // namespace tw::region
