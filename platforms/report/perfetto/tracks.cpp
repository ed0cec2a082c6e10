#include "platforms/report/perfetto/tracks.hpp"

#include <algorithm>
#include <numeric>

namespace tw::report::perfetto {
namespace {

/// The ends of the slices of a lane that are open, outermost first.
using Open = std::vector<u64>;

bool fits(Open& open, const Slice& slice) {
  while (!open.empty() && open.back() <= slice.begin_ps) open.pop_back();
  return open.empty() || slice.end_ps <= open.back();
}

void write(Writer& writer, Track track, const Slice& slice) {
  writer.slice(track, slice.name, slice.begin_ps, slice.end_ps, slice.args);
  for (const Slice& inner : slice.inside) write(writer, track, inner);
}

}  // namespace

std::vector<std::size_t> lanes_of(const std::vector<Slice>& slices, std::vector<std::size_t>& order) {
  order.resize(slices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Slice &one = slices[a], &other = slices[b];
    return one.begin_ps != other.begin_ps ? one.begin_ps < other.begin_ps : one.end_ps > other.end_ps;
  });
  std::vector<std::size_t> lanes(slices.size());
  std::vector<Open> open;
  for (const std::size_t at : order) {
    std::size_t lane = 0;
    while (lane < open.size() && !fits(open[lane], slices[at])) ++lane;
    if (lane == open.size()) open.emplace_back();
    open[lane].push_back(slices[at].end_ps);
    lanes[at] = lane;
  }
  return lanes;
}

std::vector<Track> write_track(Writer& writer, Threads& threads, const std::string& name,
                               const std::vector<Slice>& slices) {
  std::vector<std::size_t> order;
  const std::vector<std::size_t> lanes = lanes_of(slices, order);
  std::vector<Track> tracks;
  std::vector<Track> of_slice(slices.size());
  for (const std::size_t at : order) {
    while (tracks.size() <= lanes[at]) {
      tracks.push_back(threads.next());
      writer.name_thread(tracks.back(), name);
    }
    of_slice[at] = tracks[lanes[at]];
    write(writer, of_slice[at], slices[at]);
  }
  return of_slice;
}

}  // namespace tw::report::perfetto
