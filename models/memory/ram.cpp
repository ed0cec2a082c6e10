#include "memory/ram.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace tw::memory {

Ram::Ram(u64 bytes, const std::string& key) : size_(bytes) {
  if (bytes == 0) throw UserError(Complaint{key, "memory of zero bytes"});
  // NORESERVE: the size of guest RAM may exceed what the host would commit; only touched pages count.
  void* const mapping =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) {
    throw UserError(Complaint{key, fmt::format("the host cannot map {} bytes: {}", bytes, std::strerror(errno))});
  }
  data_ = static_cast<u8*>(mapping);
}

Ram::~Ram() { ::munmap(data_, size_); }

bool Ram::read(u64 offset, std::span<u8> into) const {
  if (!contains(offset, into.size())) return false;
  if (!into.empty()) std::memcpy(into.data(), data_ + offset, into.size());
  return true;
}

bool Ram::write(u64 offset, std::span<const u8> from) {
  if (!contains(offset, from.size())) return false;
  if (!from.empty()) std::memcpy(data_ + offset, from.data(), from.size());
  return true;
}

bool Ram::write(u64 offset, unsigned bytes, u64 value) {
  if (bytes > sizeof value || !contains(offset, bytes)) return false;
  std::memcpy(data_ + offset, &value, bytes);
  return true;
}

void Ram::load(u64 offset, std::span<const u8> image, std::string_view what) {
  if (!write(offset, image)) {
    throw UserError(Complaint{
        std::string(what),
        fmt::format("{} bytes at offset {:#x} do not fit into {} bytes of memory", image.size(), offset, size_)});
  }
}

void Ram::clear() { ::madvise(data_, size_, MADV_DONTNEED); }

}  // namespace tw::memory
