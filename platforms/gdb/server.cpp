#include "platforms/gdb/server.hpp"

#include <fmt/format.h>

namespace tw::gdb {

using control::StopReason;

namespace {

constexpr std::size_t kShownBytes = kPacketBytes / 2 - 1;  ///< of text in one packet

}  // namespace

// ---- who is there

bool Server::meet() {
  Descriptor socket = next_.is_open() ? std::move(next_) : listener_.accept();
  if (!socket.is_open()) return false;
  connection_.emplace(std::move(socket));
  attached_.emplace(Attached{.target = target_, .description = description_});
  going_ = false;
  last_sent_.clear();
  return true;
}

/// A second debugger would wait for an answer that nobody gives; unless the first one is as good as gone.
void Server::turn_others_away() {
  for (Descriptor other = listener_.accept(); other.is_open(); other = listener_.accept()) {
    if (!next_.is_open() && connection_->has_ended()) next_ = std::move(other);
  }
}

void Server::wait_for_somebody() {
  while (!target_.interrupted() && !meet()) wait_for_input(listener_.number(), -1);
}

/// As if it had never been there.
void Server::lose() {
  if (attached_) attached_->points.clear(target_);
  attached_.reset();
  connection_.reset();
  going_ = false;
}

// ---- the run stands

void Server::stand(const control::Stop& stop) {
  if (over_) return;
  if (stop.reason == StopReason::Ended) return say_end(stop);
  if (stop.reason == StopReason::Start && waits_) wait_for_somebody();
  if (!connection_ || steps_on(stop)) return;
  attached_->stop = stop;
  attached_->core = attached_->resumed = stop.core;
  attached_->passed = stop.reason == StopReason::Watchpoint ? attached_->points.find(stop.breakpoint) : std::nullopt;
  if (going_) say_stop();
  converse();
}

void Server::say_end(const control::Stop& stop) {
  if (connection_ && going_) {
    show(stop.message + "\n");
    send(fmt::format("W{:02x}", static_cast<u8>(stop.status)));
    connection_->part();
  }
  lose();
  over_ = true;
}

bool Server::steps_on(const control::Stop& stop) {
  const std::optional<Range>& range = attached_->range;
  if (!going_ || !range || stop.reason != StopReason::Steps || stop.core != range->core) return false;
  const u64 pc = target_.state(stop.core).pc;
  if (pc < range->first || pc >= range->end) return false;
  target_.set_goal({.steps = 1, .core = range->core});
  return true;
}

void Server::say_stop() {
  going_ = false;
  show(remark(attached_->stop));
  send(stop_reply(*attached_));
}

void Server::converse() {
  while (connection_ && !target_.interrupted()) {
    turn_others_away();
    if (const std::optional<PacketReader::Item> item = connection_->next()) {
      if (!hear(*item)) return;
    } else if (connection_->is_closed()) {
      lose();
    } else {
      wait_for_input(connection_->number(), listener_.number());
    }
  }
}

bool Server::hear(const PacketReader::Item& item) {
  switch (item.kind) {
    case PacketReader::Kind::Packet:
      if (attached_->acknowledges) connection_->send("+", [this] { return target_.interrupted(); });
      return answer(item.body);
    case PacketReader::Kind::Damaged:
      connection_->send("-", [this] { return target_.interrupted(); });
      return true;
    case PacketReader::Kind::AskedAgain:
      connection_->send(last_sent_, [this] { return target_.interrupted(); });
      return true;
    case PacketReader::Kind::Interrupt:  // it stands already
    case PacketReader::Kind::Acknowledged:
      return true;
  }
  return true;
}

bool Server::answer(const std::string& body) {
  const Answer answer = serve(*attached_, body);
  switch (answer.after) {
    case After::Stay:
      show(answer.output);
      send(answer.body);
      return true;
    case After::Stand:
      say_stop();
      return true;
    case After::Go:
      going_ = true;
      return false;
    case After::Detach:
      send(answer.body);
      connection_->part();
      lose();
      return false;
    case After::Kill:
      if (!answer.body.empty()) send(answer.body);
      connection_->part();
      over_ = true;
      lose();
      target_.quit(false);
      return false;
  }
  return true;
}

// ---- it goes on

void Server::glance() {
  if (over_) return;
  if (!connection_) {
    if (meet()) target_.pause();
    return;
  }
  turn_others_away();
  while (connection_ && going_) {  // one who has only just come is heard when the run stands
    if (const std::optional<PacketReader::Item> item = connection_->next()) {
      hear_going(*item);
    } else if (connection_->is_closed()) {
      lose();
    } else {
      return;
    }
  }
}

void Server::hear_going(const PacketReader::Item& item) {
  if (item.kind == PacketReader::Kind::Interrupt) return target_.pause();
  if (item.kind != PacketReader::Kind::Packet) return;
  if (item.body == "k") {
    over_ = true;
    lose();
    return target_.quit(false);
  }
  // In all-stop mode a debugger says nothing now.
  if (attached_->acknowledges) connection_->send("+", [this] { return target_.interrupted(); });
  send("E.the run goes on; interrupt it first");
}

// ---- what is sent

void Server::send(std::string_view body) {
  last_sent_ = frame(body);
  connection_->send(last_sent_, [this] { return target_.interrupted(); });
}

void Server::show(const std::string& text) {
  for (std::size_t at = 0; at < text.size(); at += kShownBytes)
    send("O" + to_hex(std::string_view(text).substr(at, kShownBytes)));
}

}  // namespace tw::gdb
