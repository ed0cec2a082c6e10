// Holds a master back until software has set up the SMMU.
#pragma once

#include "devices/traffic/source.hpp"

namespace tw::study {

class Gate final : public devices::traffic::Source {
 public:
  explicit Gate(devices::traffic::Source& source) : source_(source) {}
  /// The master must be woken then.
  void open() { open_ = true; }

  Answer next(devices::traffic::Request& request, u64 now) override {
    return open_ ? source_.next(request, now) : Answer::Later;
  }
  void fill(const devices::traffic::Request& request, std::span<u8> data) override { source_.fill(request, data); }
  void completed(const devices::traffic::Request& request, const devices::traffic::Result& result) override {
    source_.completed(request, result);
  }

 private:
  devices::traffic::Source& source_;
  bool open_ = false;
};

}  // namespace tw::study
