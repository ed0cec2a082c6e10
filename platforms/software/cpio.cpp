#include "platforms/software/cpio.hpp"

#include <fmt/format.h>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>

namespace tw::software {

namespace {

constexpr unsigned kFolder = 0040000, kFile = 0100000, kLink = 0120000, kCharacterDevice = 0020000;
constexpr std::string_view kEnd = "TRAILER!!!";

std::string_view text_of(const images::Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void CpioArchive::folder(std::string_view path) { entry(path, kFolder | 0755, ""); }

void CpioArchive::file(std::string_view path, unsigned permissions, const images::Bytes& content) {
  entry(path, kFile | permissions, text_of(content));
}

void CpioArchive::link(std::string_view path, std::string_view target) { entry(path, kLink | 0777, target); }

void CpioArchive::character_device(std::string_view path, unsigned permissions, unsigned major, unsigned minor) {
  entry(path, kCharacterDevice | permissions, "", major, minor);
}

void CpioArchive::entry(std::string_view path, unsigned mode, std::string_view content, unsigned major,
                        unsigned minor) {
  const unsigned links = (mode & kFolder) == kFolder ? 2 : 1;
  // magic ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
  bytes_ += fmt::format("070701{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}",
                        ++inode_, mode, 0, 0, links, 0, content.size(), 0, 0, major, minor, path.size() + 1, 0);
  bytes_ += path;
  bytes_ += '\0';
  pad();
  bytes_ += content;
  pad();
}

void CpioArchive::pad() { bytes_.resize((bytes_.size() + 3) / 4 * 4); }

images::Bytes CpioArchive::take() {
  entry(kEnd, 0, "");
  namespace io = boost::iostreams;
  std::string packed;
  {
    io::filtering_ostream stream;
    stream.push(io::gzip_compressor(io::gzip_params(io::gzip::best_compression)));
    stream.push(io::back_inserter(packed));
    stream.write(bytes_.data(), std::ssize(bytes_));
  }
  bytes_.clear();
  return {packed.begin(), packed.end()};
}

}  // namespace tw::software
