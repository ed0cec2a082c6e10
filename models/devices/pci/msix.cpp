#include "devices/pci/msix.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "base/bits.hpp"

namespace tw::devices::pci {

namespace {

constexpr u8 kCapabilityId = 0x11;
constexpr u16 kCapabilityBytes = 12;
constexpr u16 kControl = 2;  ///< of the capability
constexpr u32 kEnable = 1 << 15, kFunctionMask = 1 << 14;

constexpr u64 kEntryBytes = 16;
enum Word : unsigned { kAddress, kUpperAddress, kData, kVectorControl };
constexpr u32 kMaskBit = 1;
/// Reserved bits of a message's address and of the vector control read as zero.
constexpr u32 kWritable[] = {~u32{3}, ~u32{0}, ~u32{0}, kMaskBit};

constexpr u64 kSmallestBar = 4096;

}  // namespace

u64 Msix::bar_bytes(u16 vectors) { return std::max(kSmallestBar, 2 * std::bit_ceil(vectors * kEntryBytes)); }

Msix::Msix(ConfigSpace& config, unsigned bar, u16 vectors)
    : config_(config), bar_(bar), pending_offset_(bar_bytes(vectors) / 2), table_(vectors), pending_(vectors) {
  const ConfigRow rows[] = {
      {"MSI-X control", kControl, 2, vectors - 1u, kEnable | kFunctionMask},
      {"MSI-X table", 4, 4, bar},
      {"MSI-X pending bits", 8, 4, static_cast<u32>(pending_offset_) | bar},
  };
  capability_ = config_.add_capability(kCapabilityId, kCapabilityBytes, rows);
  reset();
}

/// Every vector is masked (6.8.2.9).
void Msix::reset() {
  for (Entry& entry : table_) entry = {{0, 0, 0, kMaskBit}};
  pending_.assign(pending_.size(), false);
}

bool Msix::enabled() const { return (config_.read(static_cast<u16>(capability_ + kControl), 2) & kEnable) != 0; }

bool Msix::masked(u16 vector) const {
  const u32 control = config_.read(static_cast<u16>(capability_ + kControl), 2);
  return (control & kFunctionMask) != 0 || (table_[vector].words[kVectorControl] & kMaskBit) != 0;
}

void Msix::notify(u16 vector, BusMaster& bus) {
  if (vector >= table_.size() || !enabled()) return;
  pending_[vector] = true;
  if (bus.enabled() && !masked(vector)) send(vector, bus);
}

void Msix::send_pending(BusMaster& bus) {
  if (!bus.enabled() || !enabled()) return;
  for (u16 vector = 0; vector < table_.size(); ++vector) {
    if (pending_[vector] && !masked(vector)) send(vector, bus);
  }
}

void Msix::send(u16 vector, BusMaster& bus) {
  pending_[vector] = false;
  const Entry& entry = table_[vector];
  std::array<u8, 4> data;
  for (unsigned n = 0; n < data.size(); ++n) data[n] = static_cast<u8>(entry.words[kData] >> (8 * n));
  const Iova address{u64{entry.words[kUpperAddress]} << 32 | entry.words[kAddress]};
  if (!bus.write(address, data)) ++refused_;
}

u32 Msix::read_word(u64 offset) const {
  if (offset < table_.size() * kEntryBytes) return table_[offset / kEntryBytes].words[offset % kEntryBytes / 4];
  u32 value = 0;
  if (offset < pending_offset_) return value;
  const u64 first = (offset - pending_offset_) * 8;
  for (unsigned n = 0; n < 32 && first + n < pending_.size(); ++n) value |= u32{pending_[first + n]} << n;
  return value;
}

/// The pending bits are read-only.
void Msix::write_word(u64 offset, u32 value) {
  if (offset >= table_.size() * kEntryBytes) return;
  const unsigned word = static_cast<unsigned>(offset % kEntryBytes / 4);
  table_[offset / kEntryBytes].words[word] = value & kWritable[word];
}

MmioResult Msix::access(const MmioAccess& access) {
  MmioResult result;
  if (access.size < 4 || (access.write && access.debug)) return result;
  for (unsigned done = 0; done < access.size; done += 4) {
    if (access.write) {
      write_word(access.offset + done, static_cast<u32>(access.value >> (8 * done)));
    } else {
      result.value |= u64{read_word(access.offset + done)} << (8 * done);
    }
  }
  return result;
}

}  // namespace tw::devices::pci
