// Lines from and to the controlling process, over one descriptor.
#pragma once

#include <optional>
#include <string>

namespace tw::control {

class Channel final {
 public:
  /// A longer line is no request: whoever sends one is cut off.
  static constexpr std::size_t kLongestLine = std::size_t{4} << 20;

  /// Throws UserError naming `option` when the descriptor is not open for reading and writing.
  Channel(int descriptor, const std::string& option);

  enum class Wait : unsigned char { No, Yes };
  /// The next line. Nothing: none came yet (it waits for a while at most), or closed().
  std::optional<std::string> read(Wait wait);
  /// Waits for a client that reads slowly. What a client that is gone does not get is lost.
  void write(std::string line);
  /// The client is gone, and all its lines are read.
  bool closed() const { return closed_; }

 private:
  void fill();

  int descriptor_;
  bool socket_ = false;
  bool closed_ = false;
  bool at_end_ = false;  ///< nothing more comes; the client may read on
  bool deaf_ = false;    ///< it does not
  std::string received_;
};

}  // namespace tw::control
