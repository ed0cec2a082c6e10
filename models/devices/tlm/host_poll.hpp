// Asks the host again and again, at simulated times that do not depend on it, as long as it may have something.
#pragma once

#include <chrono>
#include <functional>

#include <systemc>

namespace tw::devices {

class HostPoll final : public sc_core::sc_module {
 public:
  static constexpr std::chrono::milliseconds kInterval{1};  ///< of simulated time

  HostPoll(sc_core::sc_module_name name, std::function<bool()> wanted, std::function<void()> poll);
  /// To be called whenever `wanted` may have changed. A question that is arranged already stands.
  void arrange();

 private:
  void ask();

  std::function<bool()> wanted_;
  std::function<void()> poll_;
  sc_core::sc_event event_;
};

}  // namespace tw::devices
