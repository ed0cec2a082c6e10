// Lines for another process that may read them slowly, or not at all, or be gone.
#pragma once

#include <string>
#include <string_view>

namespace tw::control {

/// Never blocks and raises no SIGPIPE. Other users of the descriptor see no change of its flags.
class LineWriter final {
 public:
  /// Longer lines are not promised to go without blocking: a pipe takes this much at once or says that it is full.
  static constexpr std::size_t kLongest = 4096;

  /// Programs that are started from here do not inherit the descriptor. Throws UserError naming `option` when it is not
  /// open for writing.
  LineWriter(int descriptor, const std::string& option);

  /// `line` and a newline; or nothing of it when there is no room now.
  void write(std::string line);
  /// Nobody will read any more.
  bool closed() const { return descriptor_ < 0; }

 private:
  enum class Kind : unsigned char { Socket, Other };
  /// How much of it went.
  std::size_t put(std::string_view bytes);

  int descriptor_;
  Kind kind_;
  std::string unsent_;  ///< the rest of a line of which a socket has taken a part
};

}  // namespace tw::control
