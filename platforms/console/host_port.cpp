#include "platforms/console/host_port.hpp"

#include <charconv>
#include <cstdio>
#include <fstream>

#include <poll.h>
#include <termios.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/error.hpp"

namespace tw::console {

namespace {

class NoPort final : public HostPort {
  void write(u8) override {}
  std::optional<u8> read() override { return std::nullopt; }
  bool interactive() const override { return false; }
};

class FilePort final : public HostPort {
 public:
  explicit FilePort(const std::string& path) : file_(path, std::ios::binary | std::ios::trunc) {
    if (!file_) throw UserError(Complaint{"--serial", path + " cannot be written"});
  }

 private:
  void write(u8 byte) override { file_.put(static_cast<char>(byte)); }
  void flush() override { file_.flush(); }
  std::optional<u8> read() override { return std::nullopt; }
  bool interactive() const override { return false; }
  std::ofstream file_;
};

/// Standard output, and the keyboard when standard input is a terminal (then without echo and line editing).
class StdioPort final : public HostPort {
 public:
  StdioPort() : terminal_(isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &saved_) == 0) {
    if (!terminal_) return;
    termios raw = saved_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_iflag &= ~static_cast<tcflag_t>(ICRNL);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  ~StdioPort() override {
    if (terminal_) tcsetattr(STDIN_FILENO, TCSANOW, &saved_);
  }
  StdioPort(const StdioPort&) = delete;
  StdioPort& operator=(const StdioPort&) = delete;

 private:
  void write(u8 byte) override {
    std::fputc(byte, stdout);
    if (byte == '\n' || terminal_) std::fflush(stdout);
  }
  void flush() override { std::fflush(stdout); }
  std::optional<u8> read() override {
    pollfd descriptor{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    u8 byte;
    if (poll(&descriptor, 1, 0) <= 0 || ::read(STDIN_FILENO, &byte, 1) != 1) return std::nullopt;
    return byte;
  }
  bool interactive() const override { return terminal_; }
  termios saved_{};
  bool terminal_;
};

class SocketPort final : public HostPort {
 public:
  explicit SocketPort(unsigned short port)
      : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), port}), client_(context_) {
    acceptor_.non_blocking(true);
  }

 private:
  bool connected() {
    if (client_.is_open()) return true;
    boost::system::error_code error;
    acceptor_.accept(client_, error);
    if (error) return false;
    client_.non_blocking(true);
    return true;
  }
  void write(u8 byte) override {
    boost::system::error_code error;
    if (connected()) client_.write_some(boost::asio::buffer(&byte, 1), error);
    if (error && error != boost::asio::error::would_block) client_.close();
  }
  std::optional<u8> read() override {
    if (!connected()) return std::nullopt;
    u8 byte;
    boost::system::error_code error;
    if (client_.read_some(boost::asio::buffer(&byte, 1), error) == 1) return byte;
    if (error != boost::asio::error::would_block) client_.close();
    return std::nullopt;
  }
  bool interactive() const override { return true; }
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::socket client_;
};

std::unique_ptr<HostPort> open_socket(const std::string& text) {
  unsigned short port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw UserError(Complaint{"--serial", "'" + text + "' is not a TCP port"});
  }
  try {
    return std::make_unique<SocketPort>(port);
  } catch (const boost::system::system_error& failure) {
    throw UserError(Complaint{"--serial", "port " + text + ": " + failure.code().message()});
  }
}

}  // namespace

std::unique_ptr<HostPort> open_host_port(const std::string& description) {
  if (description == "stdio") return std::make_unique<StdioPort>();
  if (description == "none") return std::make_unique<NoPort>();
  if (description.starts_with("file:")) return std::make_unique<FilePort>(description.substr(5));
  if (description.starts_with("socket:")) return open_socket(description.substr(7));
  throw UserError(Complaint{"--serial", "'" + description + "' is none of stdio, file:PATH, socket:PORT, none"});
}

}  // namespace tw::console
