#include "platforms/console/console.hpp"

#include <algorithm>

namespace tw::console {

void Console::when_printed(std::string text, std::function<void()> action) {
  longest_ = std::max(longest_, text.size());
  watches_.push_back({std::move(text), std::move(action)});
}

void Console::whenever_printed(std::string text, std::function<void()> action) {
  when_printed(std::move(text), std::move(action));
  watches_.back().again = true;
}

void Console::reply_to(std::string prompt, std::string reply) {
  longest_ = std::max(longest_, prompt.size());
  replies_.push_back({std::move(prompt), std::move(reply)});
}

void Console::print(u8 byte) {
  if (before_output_) before_output_();
  host_->write(byte);
  if (on_output_) on_output_(byte);
  at_line_start_ = byte == '\n' || (byte == '\r' && at_line_start_);
  for (std::string* tail : {&tail_, &since_reply_}) {
    tail->push_back(static_cast<char>(byte));
    if (tail->size() > longest_) tail->erase(0, tail->size() - longest_);
  }
  if (!replies_.empty() && since_reply_.ends_with(replies_.front().prompt)) {
    const std::string& text = replies_.front().text;
    typed_.insert(typed_.end(), text.begin(), text.end());
    replies_.pop_front();
    since_reply_.clear();
  }
  for (std::size_t i = 0; i < watches_.size();) {
    if (!tail_.ends_with(watches_[i].text)) {
      ++i;
      continue;
    }
    const std::function<void()> action = watches_[i].action;
    if (watches_[i].again) {
      ++i;
    } else {
      watches_.erase(watches_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    action();
  }
}

std::optional<u8> Console::next_input() {
  if (!typed_.empty()) {
    const u8 byte = typed_.front();
    typed_.pop_front();
    return byte;
  }
  return host_->read();
}

}  // namespace tw::console
