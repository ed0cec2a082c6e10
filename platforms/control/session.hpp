// The protocol of --control-fd (docs/run-protocol.md): requests come in while the run stands, and are answered one by
// one; `step` and `continue` are answered when it stands again.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "platforms/control/channel.hpp"
#include "platforms/control/client.hpp"
#include "platforms/control/commands.hpp"
#include "platforms/control/target.hpp"

namespace tw::control {

class Session final : public Client {
 public:
  static constexpr unsigned kVersion = 1;  ///< of the protocol

  Session(Channel& channel, Target& target) : channel_(channel), target_(target) {}

  void stand(const Stop& stop) override;
  void glance() override;
  /// The client wants no more, or is gone.
  bool over() const override { return over_; }

 private:
  /// One request. Answers it unless it lets the run go on.
  After serve(const std::string& line);
  void serve_going(const std::string& line);
  void lose_client();
  void answer(const std::string& id, nlohmann::ordered_json&& result);
  void refuse(const std::string& id, const std::string& message);

  Channel& channel_;
  Target& target_;
  std::optional<std::string> going_;  ///< the id, as JSON, of the request that let the run go on
  bool ended_ = false;                ///< the run has
  bool over_ = false;
};

}  // namespace tw::control
