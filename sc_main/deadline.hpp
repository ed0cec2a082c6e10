// Something that happens at a simulated time.
#pragma once

#include <functional>

#include <systemc>

#include "tlm/clock.hpp"

namespace tw::command {

class Deadline final : public sc_core::sc_module {
 public:
  Deadline(sc_core::sc_module_name name, u64 at_ps, std::function<void()> action)
      : sc_module(name), action_(std::move(action)) {
    SC_HAS_PROCESS(Deadline);
    SC_METHOD(reached);
    sensitive << event_;
    dont_initialize();
    event_.notify(tlm::picoseconds(at_ps));
  }

 private:
  void reached() { action_(); }
  std::function<void()> action_;
  sc_core::sc_event event_;
};

}  // namespace tw::command
