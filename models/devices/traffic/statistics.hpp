// What a master has seen of its requests.
#pragma once

#include <algorithm>
#include <vector>

#include "cost/histogram.hpp"
#include "devices/traffic/source.hpp"

namespace tw::devices::traffic {

/// Of one StreamID and SubstreamID. Failed requests are in no histogram.
struct StreamStatistics {
  StreamId stream{};
  u32 substream = 0;
  bool has_substream = false;
  u64 reads = 0, writes = 0;
  u64 read_bytes = 0, written_bytes = 0;
  u64 refused = 0;                    ///< by the bus or an SMMU
  u64 wrong = 0;                      ///< reads whose data belong elsewhere
  cost::Histogram read_ps, write_ps;  ///< from the device's wish to the end
};

class Statistics final {
 public:
  explicit Statistics(std::vector<StreamStatistics> streams = {}) : streams_(std::move(streams)) {}

  void add(std::size_t index, const Request& request, const Result& result, bool right) {
    StreamStatistics& stream = streams_[index];
    first_ = std::min(first_, result.issued);
    last_ = std::max(last_, result.completed);
    ++(request.write ? stream.writes : stream.reads);
    if (!result.ok) {
      ++stream.refused;
      return;
    }
    if (!right) ++stream.wrong;
    (request.write ? stream.written_bytes : stream.read_bytes) += request.bytes;
    (request.write ? stream.write_ps : stream.read_ps).add(result.completed - result.issued);
  }

  const std::vector<StreamStatistics>& streams() const { return streams_; }
  /// From the first request that is counted to the last completion.
  u64 elapsed_ps() const { return last_ > first_ ? last_ - first_ : 0; }
  /// One row for all streams.
  StreamStatistics total() const {
    StreamStatistics sum;
    for (const StreamStatistics& stream : streams_) {
      sum.reads += stream.reads;
      sum.writes += stream.writes;
      sum.read_bytes += stream.read_bytes;
      sum.written_bytes += stream.written_bytes;
      sum.refused += stream.refused;
      sum.wrong += stream.wrong;
      sum.read_ps.merge(stream.read_ps);
      sum.write_ps.merge(stream.write_ps);
    }
    return sum;
  }

 private:
  std::vector<StreamStatistics> streams_;
  u64 first_ = ~u64{0}, last_ = 0;
};

}  // namespace tw::devices::traffic
