// The host's word for what somebody may type, in the devices' words.
#pragma once

#include "devices/tlm/uart_module.hpp"
#include "platforms/console/host_port.hpp"

namespace tw::virt {

inline devices::Characters characters_of(console::Input input) {
  switch (input) {
    case console::Input::None:
      return devices::Characters::None;
    case console::Input::Ready:
      return devices::Characters::Known;
    case console::Input::Later:
      return devices::Characters::Unknown;
  }
  return devices::Characters::None;
}

}  // namespace tw::virt
