// Where a debugger finds the run.
#pragma once

#include <string>

namespace tw::gdb {

/// A descriptor of the host that is closed once.
class Descriptor final {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close();

 private:
  int release();
  int number_;
};

class Listener final {
 public:
  /// "PORT" on 127.0.0.1 (0: one that is free), "HOST:PORT", "[IPV6]:PORT", or with a slash a Unix socket's path.
  /// Throws UserError naming `option`.
  Listener(const std::string& address, const std::string& option);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// As gdb's `target remote` takes it.
  const std::string& where() const { return where_; }
  int number() const { return socket_.number(); }
  /// Somebody who has knocked; closed: nobody has. Never waits.
  Descriptor accept();

 private:
  void listen_at_path(const std::string& path, const std::string& option);
  void listen_at_port(const std::string& host, const std::string& port, const std::string& option);

  Descriptor socket_;
  std::string where_;
  std::string path_;  ///< to be removed at the end
};

}  // namespace tw::gdb
