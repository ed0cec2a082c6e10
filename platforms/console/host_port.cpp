#include "platforms/console/host_port.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include <poll.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/error.hpp"
#include "platforms/console/stdio_port.hpp"

namespace tw::console {

namespace {

class NoPort final : public HostPort {
  void write(u8) override {}
};

class FilePort final : public HostPort {
 public:
  FilePort(const std::string& path, const std::string& option) : file_(path, std::ios::binary | std::ios::trunc) {
    if (!file_) throw UserError(Complaint{option, path + " cannot be written: " + std::strerror(errno)});
  }

 private:
  void write(u8 byte) override { file_.put(static_cast<char>(byte)); }
  void flush() override { file_.flush(); }
  std::ofstream file_;
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
    if (!connected()) return;
    boost::system::error_code error;
    client_.write_some(boost::asio::buffer(&byte, 1), error);
    if (error == boost::asio::error::would_block && ready(client_.native_handle(), POLLOUT, patience_)) {
      error.clear();
      client_.write_some(boost::asio::buffer(&byte, 1), error);
    }
    // A client that does not read loses output, and is not waited for again before it reads.
    patience_ = error == boost::asio::error::would_block ? std::chrono::milliseconds(0) : kPatience;
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
  Input input() const override { return Input::Later; }
  void wait(std::chrono::milliseconds limit) override {
    ready(client_.is_open() ? client_.native_handle() : acceptor_.native_handle(), POLLIN, limit);
  }
  static bool ready(int descriptor, short events, std::chrono::milliseconds limit) {
    pollfd waited{.fd = descriptor, .events = events, .revents = 0};
    return poll(&waited, 1, static_cast<int>(limit.count())) > 0;
  }

  static constexpr std::chrono::milliseconds kPatience{1000};
  std::chrono::milliseconds patience_ = kPatience;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::socket client_;
};

std::unique_ptr<HostPort> open_socket(const std::string& text, const std::string& option) {
  unsigned short port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    throw UserError(Complaint{option, "'" + text + "' is not a TCP port"});
  }
  try {
    return std::make_unique<SocketPort>(port);
  } catch (const boost::system::system_error& failure) {
    throw UserError(Complaint{option, "port " + text + ": " + failure.code().message()});
  }
}

}  // namespace

std::unique_ptr<HostPort> open_host_port(const std::string& description, const std::string& option) {
  if (description == "stdio") return std::make_unique<StdioPort>();
  if (description == "none") return std::make_unique<NoPort>();
  if (description.starts_with("file:")) return std::make_unique<FilePort>(description.substr(5), option);
  if (description.starts_with("socket:")) return open_socket(description.substr(7), option);
  throw UserError(Complaint{option, "'" + description + "' is none of stdio, file:PATH, socket:PORT, none"});
}

}  // namespace tw::console
