// Who controls a run: decides when it goes on, and looks into it while it stands.
#pragma once

#include "platforms/control/target.hpp"

namespace tw::control {

class Client {
 public:
  virtual ~Client() = default;

  /// The run stands. Returns when it shall go on, or end: then the target was told.
  virtual void stand(const Stop& stop) = 0;
  /// It goes on: looks whether somebody wants anything. Never waits.
  virtual void glance() = 0;
  /// Nobody will want anything any more.
  virtual bool over() const = 0;
};

}  // namespace tw::control
