#include "platforms/importers/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "base/error.hpp"

namespace tw::importers {
namespace {

constexpr std::size_t kPackedBytes = 64 << 10, kUnpackedBytes = 256 << 10;

std::string reason() { return "cannot be read: " + std::error_code(errno, std::generic_category()).message(); }

std::unique_ptr<std::istream> open(const std::filesystem::path& path) {
  auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*file) throw UserError({path.string(), reason()});
  return file;
}

}  // namespace

Input::Input(const std::filesystem::path& path) : Input(path.string(), open(path)) {}

Input::Input(std::string name, std::unique_ptr<std::istream> file)
    : name_(std::move(name)), file_(std::move(file)), packed_(kPackedBytes), unpacked_(kUnpackedBytes) {
  read_more();
  if (left_.empty()) throw UserError({name_, "is empty"});
  codec_ = codec_of(left_);
}

void Input::read_more() {
  file_->read(reinterpret_cast<char*>(packed_.data()), static_cast<std::streamsize>(packed_.size()));
  if (file_->bad()) throw UserError({name_, reason()});
  left_ = {packed_.data(), static_cast<std::size_t>(file_->gcount())};
  packed_read_ += left_.size();
  last_ = left_.size() < packed_.size();
}

std::span<u8> Input::unpack() {
  const std::span<u8> all = unpacked_;
  std::span<u8> out = all;
  while (out.size() == all.size()) {
    if (left_.empty() && !last_) read_more();
    if (!codec_) {
      const std::size_t bytes = left_.size();
      std::copy(left_.begin(), left_.end(), out.begin());
      left_ = {};
      return all.first(bytes);
    }
    const std::size_t before = left_.size();
    if (const char* const wrong = codec_->step(left_, out, last_)) damaged(wrong);
    if (out.size() < all.size() || left_.size() < before || !last_) continue;
    if (!codec_->whole()) damaged("truncated: the file ends before what is packed in it");
    break;
  }
  return all.first(all.size() - out.size());
}

bool Input::fill() {
  base_ += end_;
  at_ = 0;
  end_ = 0;  // of what it throws, too
  end_ = unpack().size();
  return end_ != 0;
}

std::size_t Input::read(std::span<u8> bytes) {
  std::size_t done = 0;
  while (done < bytes.size() && (at_ < end_ || fill())) {
    const std::size_t part = std::min(bytes.size() - done, end_ - at_);
    std::copy_n(unpacked_.begin() + static_cast<std::ptrdiff_t>(at_), part,
                bytes.begin() + static_cast<std::ptrdiff_t>(done));
    at_ += part;
    done += part;
  }
  return done;
}

bool Input::line(std::string& line) {
  line.clear();
  const u64 start = offset();
  while (at_ < end_ || fill()) {
    const auto first = unpacked_.begin() + static_cast<std::ptrdiff_t>(at_);
    const auto last = unpacked_.begin() + static_cast<std::ptrdiff_t>(end_);
    const auto newline = std::find(first, last, '\n');
    if (line.size() + static_cast<std::size_t>(newline - first) > kMostLine) fail(start, "no text: a line without end");
    line.append(first, newline);
    at_ = static_cast<std::size_t>(newline - unpacked_.begin());
    if (newline == last) continue;
    ++at_;
    return true;
  }
  return !line.empty();
}

void Input::fail(u64 offset, std::string_view what) const {
  throw UserError(
      {fmt::format("{}: offset {}{}", name_, offset, codec_ ? " of what it unpacks to" : ""), std::string(what)});
}

void Input::damaged(std::string_view what) const {
  throw UserError({fmt::format("{}: offset {}", name_, packed_read_ - left_.size()), std::string(what)});
}

}  // namespace tw::importers
