// A run for a debugger that speaks gdb's remote serial protocol (docs/gdb.md). One at a time; when it is gone, the run
// goes on as if it had never been there, and another may come.
#pragma once

#include <optional>

#include "platforms/control/client.hpp"
#include "platforms/gdb/connection.hpp"
#include "platforms/gdb/listener.hpp"
#include "platforms/gdb/packets.hpp"

namespace tw::gdb {

class Server final : public control::Client {
 public:
  /// `waits`: before the first instruction, for a debugger.
  Server(Listener& listener, control::Target& target, bool waits)
      : listener_(listener), target_(target), description_(target), waits_(waits) {}

  void stand(const control::Stop& stop) override;
  void glance() override;
  bool over() const override { return over_; }

 private:
  bool meet();
  void turn_others_away();
  void wait_for_somebody();
  /// The run has ended.
  void say_end(const control::Stop& stop);
  bool steps_on(const control::Stop& stop);
  void converse();
  /// One packet. False: the run goes on, or nobody is there any more.
  bool hear(const PacketReader::Item& item);
  bool answer(const std::string& body);
  void hear_going(const PacketReader::Item& item);
  void send(std::string_view body);
  void say_stop();
  void show(const std::string& text);
  void lose();

  Listener& listener_;
  control::Target& target_;
  const Description description_;
  const bool waits_;
  std::optional<Connection> connection_;
  Descriptor next_;                   ///< one who came behind the end of a connection that is still read
  std::optional<Attached> attached_;  ///< while there is a connection
  std::string last_sent_;
  bool going_ = false;  ///< a packet that let the run go on waits for its answer
  bool over_ = false;
};

}  // namespace tw::gdb
