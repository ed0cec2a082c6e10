// The observer behind a test for null: not watching costs a branch.
#pragma once

#include "gic/ports.hpp"

namespace tw::gic {

class Observation final {
 public:
  explicit Observation(InterruptObserver* observer) : observer_(observer) {}
  explicit operator bool() const { return observer_ != nullptr; }
  void at(u32 intid, unsigned cpu, bool is_virtual, cost::InterruptStation station) const {
    if (observer_) observer_->at(intid, cpu, is_virtual, station);
  }
  void physical(u32 intid, unsigned cpu, cost::InterruptStation station) const { at(intid, cpu, false, station); }
  void virtual_(u32 intid, unsigned cpu, cost::InterruptStation station) const { at(intid, cpu, true, station); }

 private:
  InterruptObserver* observer_;
};

}  // namespace tw::gic
