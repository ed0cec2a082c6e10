// Events of the Trace Event Format as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/types.hpp"

namespace tw::report::perfetto {

/// Members of `args`, in order.
class Args final {
 public:
  Args& add(std::string_view name, u64 value);
  Args& add(std::string_view name, std::string_view value);
  std::string text() const { return "{" + text_ + "}"; }

 private:
  void name(std::string_view name);
  std::string text_;
};

/// Whose track: a process and a thread, in the format's words.
struct Track {
  u64 process = 0;
  u64 thread = 0;
};

/// Times are picoseconds; the format counts in microseconds, and the viewers in nanoseconds.
class Writer final {
 public:
  void name_process(u64 process, std::string_view name);
  void name_thread(Track track, std::string_view name);
  void slice(Track track, std::string_view name, u64 begin_ps, u64 end_ps, const Args& args = {});
  void counter(u64 process, std::string_view name, std::string_view unit, u64 at_ps, double value);
  /// An arrow between the slices that these tracks have at these times.
  void arrow(std::string_view name, Track from, u64 from_ps, Track to, u64 to_ps);

  /// One event a line.
  std::string text() const;

 private:
  std::string head(std::string_view kind, Track track, std::string_view name) const;
  void add(std::string event);
  std::string events_;
  u64 arrows_ = 0;
};

}  // namespace tw::report::perfetto
