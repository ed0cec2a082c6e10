#include "devices/tlm/host_poll.hpp"

namespace tw::devices {

HostPoll::HostPoll(sc_core::sc_module_name name, std::function<bool()> wanted, std::function<void()> poll)
    : sc_module(name), wanted_(std::move(wanted)), poll_(std::move(poll)) {
  SC_HAS_PROCESS(HostPoll);
  SC_METHOD(ask);
  sensitive << event_;
  dont_initialize();
}

/// An earlier notification that is pending stands (IEEE 1666, 5.10.8).
void HostPoll::arrange() {
  if (wanted_()) event_.notify(sc_core::sc_time(static_cast<double>(kInterval.count()), sc_core::SC_MS));
}

void HostPoll::ask() {
  if (wanted_()) poll_();
  arrange();
}

}  // namespace tw::devices
