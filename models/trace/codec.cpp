#include "trace/codec.hpp"

#include <limits>
#include <utility>

namespace tw::trace {
namespace {

// The flags of a record. What is not set follows from the guess and takes no bytes.
constexpr u8 kKindMask = 3, kNewSize = 1 << 2, kNewContext = 1 << 3, kNewIpa = 1 << 4, kNewPa = 1 << 5;
constexpr u8 kHighKind = 1 << 6;  // bit 2 of the kind; zero in version 1
constexpr u8 kReserved = 0x80;
static_assert(static_cast<unsigned>(Kind::Invalidate) == 4);  // alone behind kHighKind
constexpr u64 kOffsetMask = (u64{1} << Guess::kPageBits) - 1;

constexpr u64 zigzag(u64 difference) { return difference << 1 ^ (0 - (difference >> 63)); }
constexpr u64 unzigzag(u64 coded) { return coded >> 1 ^ (0 - (coded & 1)); }

bool same_context(const Record& a, const Record& b) {
  return a.el == b.el && a.vmid == b.vmid && a.asid == b.asid && a.stream == b.stream;
}

/// At most ten bytes; what a tenth has too much is lost, as in any arithmetic of 64 bits.
u64 take_varint(const u8*& at) {
  u64 value = *at++;
  if (value < 0x80) [[likely]]
    return value;
  value &= 0x7F;
  for (unsigned shift = 7; shift < 64; shift += 7) {
    const u8 byte = *at++;
    value |= u64{byte & 0x7Fu} << shift;
    if (byte < 0x80) break;
  }
  return value;
}

}  // namespace

Guess::Guess() {
  pages_.fill({~u64{0}, 0, 0});
  context.stream = kNoStream;
}

void Encoder::put_varint(u64 value) {
  while (value >= 0x80) {
    bytes_[at_++] = static_cast<u8>(value | 0x80);
    value >>= 7;
  }
  bytes_[at_++] = static_cast<u8>(value);
}

u8 Encoder::put_ipa_and_pa(const Record& record) {
  u8 set = 0;
  Guess::Page& page = guess_.page_of(record.va.value);
  const u64 offset = record.va.value & kOffsetMask, number = record.va.value >> Guess::kPageBits;
  const bool known = page.va == number;
  if (contents_.ipa) {
    if (!known || (page.ipa << Guess::kPageBits | offset) != record.ipa.value) {
      set |= kNewIpa;
      put_varint(zigzag(record.ipa.value - guess_.ipa));
    }
    guess_.ipa = record.ipa.value;
  }
  if (contents_.pa) {
    if (!known || (page.pa << Guess::kPageBits | offset) != record.pa.value) {
      set |= kNewPa;
      put_varint(zigzag(record.pa.value - guess_.pa));
    }
    guess_.pa = record.pa.value;
  }
  page = {number, record.ipa.value >> Guess::kPageBits, record.pa.value >> Guess::kPageBits};
  return set;
}

void Encoder::add(const Record& record) {
  if (bytes_.size() - at_ < kMostRecordBytes) bytes_.resize(2 * bytes_.size() + kDecoderSlack);
  u8& flags = bytes_[at_++];
  const unsigned kind = static_cast<unsigned>(record.kind);
  const bool invalidates = record.kind == Kind::Invalidate;
  u8 set = invalidates ? kHighKind : static_cast<u8>(kind);
  const u64 address = invalidates && names_ipa(record.scope) ? record.ipa.value : record.va.value;
  put_varint(zigzag(address - guess_.va[kind]));
  guess_.va[kind] = address;
  if (!invalidates) set |= put_ipa_and_pa(record);
  if (record.size != guess_.size[kind]) {
    set |= kNewSize;
    put_varint(guess_.size[kind] = record.size);
  }
  if (!same_context(record, guess_.context)) {
    set |= kNewContext;
    bytes_[at_++] = static_cast<u8>(record.el);
    put_varint(record.vmid.value);
    put_varint(record.asid.value);
    put_varint(u32{record.stream.value + 1});
    guess_.context = record;
  }
  if (invalidates) {
    bytes_[at_++] = static_cast<u8>(record.scope);
    bytes_[at_++] = static_cast<u8>(static_cast<unsigned>(record.target.regime()) |
                                    static_cast<unsigned>(record.target.reach()) << 4);
  }
  flags = set;
  ++records_;
}

void Encoder::clear() {
  guess_ = {};
  records_ = 0;
  at_ = 0;
}

namespace {

/// What only an Invalidate has; `address` is in its VA as yet. False: there is no such.
bool take_invalidation(const u8*& at, Record& record, const Vocabulary& vocabulary) {
  const unsigned scope = *at++, regime = *at & 0xFu, reach = *at >> 4;
  ++at;
  if (scope == 0 || scope >= vocabulary.scopes || regime > static_cast<unsigned>(Regime::El20) ||
      reach >= vocabulary.reaches || !go_together(static_cast<Scope>(scope), static_cast<Reach>(reach))) {
    return false;
  }
  record.scope = static_cast<Scope>(scope);
  record.target = {static_cast<Regime>(regime), static_cast<Reach>(reach)};
  if (names_ipa(record.scope)) record.ipa = Ipa{std::exchange(record.va.value, 0)};
  return true;
}

}  // namespace

bool decode(std::span<const u8> bytes, u32 records, Contents contents, std::vector<Record>& out,
            const Vocabulary& vocabulary) {
  Guess guess;
  out.resize(records);
  const u8 foreign =
      static_cast<u8>(kReserved | (contents.ipa ? 0 : unsigned{kNewIpa}) | (contents.pa ? 0 : unsigned{kNewPa}));
  const u8* at = bytes.data();
  const u8* const end = at + bytes.size();
  for (Record& record : out) {
    if (at >= end) return false;
    const u8 flags = *at++;
    const bool invalidates = (flags & kHighKind) != 0;
    const unsigned kind = (flags & kKindMask) | (flags & kHighKind) >> 4;
    if (kind >= vocabulary.kinds || (flags & foreign) != 0) return false;
    const u64 va = guess.va[kind] += unzigzag(take_varint(at));
    u64 ipa = 0, pa = 0;
    if (invalidates) [[unlikely]] {
      if ((flags & (kNewIpa | kNewPa)) != 0) return false;
    } else {
      Guess::Page& page = guess.page_of(va);
      const u64 offset = va & kOffsetMask, number = va >> Guess::kPageBits;
      const bool known = page.va == number;
      if (contents.ipa) {
        if ((flags & kNewIpa) == 0 && !known) return false;
        ipa = (flags & kNewIpa) != 0 ? guess.ipa + unzigzag(take_varint(at)) : page.ipa << Guess::kPageBits | offset;
        guess.ipa = ipa;
      }
      if (contents.pa) {
        if ((flags & kNewPa) == 0 && !known) return false;
        pa = (flags & kNewPa) != 0 ? guess.pa + unzigzag(take_varint(at)) : page.pa << Guess::kPageBits | offset;
        guess.pa = pa;
      }
      page = {number, ipa >> Guess::kPageBits, pa >> Guess::kPageBits};
    }
    if ((flags & kNewSize) != 0) {
      const u64 size = take_varint(at);
      if (size > std::numeric_limits<u32>::max()) return false;
      guess.size[kind] = static_cast<u32>(size);
    }
    if ((flags & kNewContext) != 0) {
      const u8 el = *at++;
      const u64 vmid = take_varint(at), asid = take_varint(at), stream = take_varint(at);
      if (el > 3 || vmid > 0xFFFF || asid > 0xFFFF || stream > 0xFFFF'FFFF) return false;
      guess.context.el = static_cast<El>(el);
      guess.context.vmid = Vmid{static_cast<u16>(vmid)};
      guess.context.asid = Asid{static_cast<u16>(asid)};
      guess.context.stream = StreamId{static_cast<u32>(stream) - 1};
    }
    record = guess.context;
    record.va = Va{va};
    record.ipa = Ipa{ipa};
    record.pa = Pa{pa};
    record.size = guess.size[kind];
    record.kind = static_cast<Kind>(kind);
    if (invalidates && !take_invalidation(at, record, vocabulary)) return false;
    if (at > end) return false;
  }
  return at == end;
}

}  // namespace tw::trace
