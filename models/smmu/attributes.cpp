#include "smmu/attributes.hpp"

#include "vmsa/attributes.hpp"

namespace tw::smmu {
namespace {

// A nibble of a MAIR byte: 0b0100 Non-cacheable; 0b11RW, 0b10RW Write-Back, Write-Through; 0b01RW, 0b00RW the same,
// transient.
constexpr u8 kNonCacheable = 0x4, kWriteThrough = 0xB, kWriteBack = 0xF;

struct Hints {
  bool read = true, write = true, transient = false;
};

bool cacheable(u8 nibble) { return nibble != kNonCacheable; }

Hints hints_of(u8 nibble) { return {(nibble & 2) != 0, (nibble & 1) != 0, (nibble & 8) == 0}; }

u8 with(u8 nibble, Hints hints) {
  if (!cacheable(nibble)) return nibble;
  const bool write_back = (nibble & 4) != 0;
  const bool transient = hints.transient && (hints.read || hints.write);  // 13.1.7
  return static_cast<u8>((transient ? 0 : 8) | (write_back ? 4 : 0) | (hints.read ? 2 : 0) | (hints.write ? 1 : 0));
}

u8 both(u8 mair, Hints hints) { return static_cast<u8>(with(mair >> 4, hints) << 4 | with(mair & 0xF, hints)); }

u8 nibble_of(u8 memattr_half) {
  return memattr_half == 3 ? kWriteBack : memattr_half == 2 ? kWriteThrough : kNonCacheable;
}

/// MemAttr, as a stage-2 descriptor has it; reserved encodings are Device-nGnRnE.
u8 mair_of_memattr(u8 memattr) {
  const u8 outer = memattr >> 2, inner = memattr & 3;
  if (outer == 0) return static_cast<u8>(inner << 2);
  if (inner == 0) return 0;
  return static_cast<u8>(nibble_of(outer) << 4 | nibble_of(inner));
}

bool is_device(u8 mair) { return (mair & 0xF0) == 0; }

}  // namespace

Override overridden(const OverrideFields& fields) {
  constexpr u8 kUseIncoming = 1;
  Override result;
  if (fields.mtcfg) result.mair = mair_of_memattr(fields.memattr);
  if ((fields.alloccfg & 8) != 0 && !is_device(result.mair)) {
    result.mair =
        both(result.mair, {(fields.alloccfg & 4) != 0, (fields.alloccfg & 2) != 0, (fields.alloccfg & 1) != 0});
  }
  if (fields.shcfg != kUseIncoming) result.sh = fields.shcfg;
  return result;
}

vmsa::Attributes with_hints(const vmsa::Attributes& attributes, Override incoming) {
  if (incoming.mair == 0xFF || attributes.is_device() || is_device(incoming.mair)) return attributes;
  const auto combined = [](u8 nibble, u8 other) {
    if (!cacheable(nibble) || !cacheable(other)) return nibble;
    const Hints a = hints_of(nibble), b = hints_of(other);
    return with(nibble, {a.read && b.read, a.write && b.write, a.transient || b.transient});
  };
  const u8 outer = combined(attributes.mair >> 4, incoming.mair >> 4);
  const u8 inner = combined(attributes.mair & 0xF, incoming.mair & 0xF);
  vmsa::Attributes result = attributes;
  result.mair = static_cast<u8>(outer << 4 | inner);
  return result;
}

}  // namespace tw::smmu
