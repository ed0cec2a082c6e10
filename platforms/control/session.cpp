#include "platforms/control/session.hpp"

#include <exception>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace tw::control {

namespace {

using Json = nlohmann::ordered_json;

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

struct Request {
  nlohmann::json members;
  std::string id;  ///< as JSON
};

/// Throws UserError.
Request parse(const std::string& line) {
  Request request{nlohmann::json::parse(line, nullptr, false), "null"};
  if (request.members.is_discarded()) throw UserError(Complaint{"", "this is not JSON"});
  if (!request.members.is_object()) throw UserError(Complaint{"", "a request is a JSON object"});
  if (const auto id = request.members.find("id"); id != request.members.end()) {
    // Writing it out again would need stack for the depth of lists in lists.
    if (id->is_structured()) throw UserError(Complaint{"id", "is a list or an object; give a number or text"});
    request.id = id->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  return request;
}

}  // namespace

void Session::answer(const std::string& id, Json&& result) {
  channel_.write(fmt::format(R"({{"id":{},"result":{}}})", id, line_of(result)));
}

void Session::refuse(const std::string& id, const std::string& message) {
  channel_.write(fmt::format(R"({{"id":{},"error":{}}})", id, line_of(message)));
}

void Session::lose_client() {
  if (over_) return;
  over_ = true;
  target_.quit(true);
}

void Session::stand(const Stop& stop) {
  if (over_) return;
  ended_ = stop.reason == StopReason::Ended;
  Json where = encode(stop, target_);
  if (going_) {
    answer(*going_, std::move(where));
    going_.reset();
  } else {
    Json line = {{"event", stop.reason == StopReason::Start ? "ready" : "stopped"}, {"protocol", kVersion}};
    line["cores"] = target_.cores();
    line.update(where);
    channel_.write(line_of(line));
  }
  while (!target_.interrupted()) {
    const std::optional<std::string> line = channel_.read(Channel::Wait::Yes);
    if (!line && channel_.closed()) return lose_client();
    if (line && serve(*line) != After::Stay) return;
  }
}

void Session::glance() {
  if (over_) return;
  if (const std::optional<std::string> line = channel_.read(Channel::Wait::No)) serve_going(*line);
  if (channel_.closed()) lose_client();
}

After Session::serve(const std::string& line) {
  std::string id = "null";
  try {
    const Request request = parse(line);
    id = request.id;
    const Members members(request.members);
    const std::string name = members.text("command");
    if (name == "pause") {
      members.allow({});
      answer(id, Json::object());
      return After::Stay;
    }
    const Command& command = find_command(name);
    members.allow(command.members);
    if (command.after == After::Go && ended_) throw UserError(Complaint{name, "the run has ended"});
    Json result = Json::object();
    command.perform(target_, members, result);
    if (command.after == After::Go) {
      going_ = id;
    } else {
      answer(id, std::move(result));
    }
    over_ |= command.after == After::End;
    return command.after;
  } catch (const UserError& error) {
    refuse(id, error.what());
  } catch (const std::exception& error) {
    refuse(id, fmt::format("internal error: {}", error.what()));
  }
  return After::Stay;
}

/// Of all commands, `pause` and `quit` can be given while the run goes on.
void Session::serve_going(const std::string& line) {
  std::string id = "null";
  try {
    const Request request = parse(line);
    id = request.id;
    const Members members(request.members);
    const std::string name = members.text("command");
    if (name != "pause" && name != "quit") {
      find_command(name);
      throw UserError(Complaint{name, "the run goes on; pause it first"});
    }
    members.allow({});
    answer(id, Json::object());
    if (name == "pause") return target_.pause();
    over_ = true;
    target_.quit(false);
  } catch (const UserError& error) {
    refuse(id, error.what());
  }
}

}  // namespace tw::control
