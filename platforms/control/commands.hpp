// What can be asked while the run stands, a row a command.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "platforms/control/members.hpp"
#include "platforms/control/target.hpp"

namespace tw::control {

enum class After : u8 {
  Stay,
  Go,   ///< the run goes on; the answer comes when it stands again
  End,  ///< the client wants no more
};

struct Command {
  std::string_view name;
  std::vector<std::string> members;
  After after;
  /// Fills in the result. Throws UserError.
  void (*perform)(Target& target, const Members& request, nlohmann::ordered_json& result);
};

std::span<const Command> commands();
/// Throws UserError with the nearest name.
const Command& find_command(const std::string& name);

/// Where the run stands and why, as clients see it.
nlohmann::ordered_json encode(const Stop& stop, Target& target);

}  // namespace tw::control
