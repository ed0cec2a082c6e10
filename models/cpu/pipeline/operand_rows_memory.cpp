// Arm ARM C4.1: "Loads and stores", without the structures of Advanced SIMD. Sources: base, offset register, data. What
// a load brings comes in the first destinations, the written-back base in the last.
#include "cpu/pipeline/operand_rows.hpp"

namespace tw::cpu {

std::span<const OperandRow> memory_operands() {
  using namespace rows;
  constexpr u16 kLoad = kOpLoad, kStore = kOpStore;
  constexpr u16 kLoadBack = kOpLoad | kOpEarlyBase, kStoreBack = kOpStore | kOpEarlyBase;
  constexpr u16 kAcquire = kOpLoad | kOpAcquire, kRelease = kOpStore | kOpRelease;
  constexpr u16 kAtomic = kOpLoad | kOpStore;
  constexpr u16 kAtomicBoth = kAtomic | kOpAcquire | kOpRelease;
  constexpr u16 kAuthenticated = kOpLoad | kOpAuthenticates;
  static constexpr OperandRow kRows[] = {
      // exclusives, acquire and release
      {"1x 001000 001 sssss 0 uuuuu nnnnn ttttt", Class::StoreExclusive, {RnSp, None, Rd, Ra}, {Rm}, kStore},
      {"1x 001000 001 sssss 1 uuuuu nnnnn ttttt", Class::StoreExclusive, {RnSp, None, Rd, Ra}, {Rm}, kRelease},
      {"xx 001000 000 sssss 0 xxxxx nnnnn ttttt", Class::StoreExclusive, {RnSp, None, Rd}, {Rm}, kStore},
      {"xx 001000 000 sssss 1 xxxxx nnnnn ttttt", Class::StoreExclusive, {RnSp, None, Rd}, {Rm}, kRelease},
      {"1x 001000 011 xxxxx 0 uuuuu nnnnn ttttt", Class::LoadExclusive, {RnSp}, {Rd, Ra}, kLoad},
      {"1x 001000 011 xxxxx 1 uuuuu nnnnn ttttt", Class::LoadExclusive, {RnSp}, {Rd, Ra}, kAcquire},
      {"xx 001000 010 xxxxx 0 xxxxx nnnnn ttttt", Class::LoadExclusive, {RnSp}, {Rd}, kLoad},
      {"xx 001000 010 xxxxx 1 xxxxx nnnnn ttttt", Class::LoadExclusive, {RnSp}, {Rd}, kAcquire},
      {"xx 001000 100 xxxxx x xxxxx nnnnn ttttt", Class::StoreRelease, {RnSp, None, Rd}, {}, kRelease},
      {"xx 001000 110 xxxxx x xxxxx nnnnn ttttt", Class::LoadAcquire, {RnSp}, {Rd}, kAcquire},
      {"xx 011001 00 0 xxxxxxxxx 00 nnnnn ttttt", Class::StoreRelease, {RnSp, None, Rd}, {}, kRelease},
      {"xx 011001 xx 0 xxxxxxxxx 00 nnnnn ttttt", Class::LoadAcquire, {RnSp}, {Rd}, kAcquire},
      {"xx 111 0 00 101 11111 1 100 00 nnnnn ttttt", Class::LoadAcquire, {RnSp}, {Rd}, kAcquire},

      // atomics; of a pair, the second slot is no offset
      {"0x 001000 001 sssss 0 xxxxx nnnnn ttttt",
       Class::AtomicCompare,
       {RnSp, RmNext, Rm, Rd, RdNext},
       {Rm, RmNext},
       kAtomic},
      {"0x 001000 001 sssss 1 xxxxx nnnnn ttttt",
       Class::AtomicCompare,
       {RnSp, RmNext, Rm, Rd, RdNext},
       {Rm, RmNext},
       kAtomic | kOpRelease},
      {"0x 001000 011 sssss 0 xxxxx nnnnn ttttt",
       Class::AtomicCompare,
       {RnSp, RmNext, Rm, Rd, RdNext},
       {Rm, RmNext},
       kAtomic | kOpAcquire},
      {"0x 001000 011 sssss 1 xxxxx nnnnn ttttt",
       Class::AtomicCompare,
       {RnSp, RmNext, Rm, Rd, RdNext},
       {Rm, RmNext},
       kAtomicBoth},
      {"xx 001000 101 sssss 0 xxxxx nnnnn ttttt", Class::AtomicCompare, {RnSp, None, Rm, Rd}, {Rm}, kAtomic},
      {"xx 001000 101 sssss 1 xxxxx nnnnn ttttt",
       Class::AtomicCompare,
       {RnSp, None, Rm, Rd},
       {Rm},
       kAtomic | kOpRelease},
      {"xx 001000 111 sssss 0 xxxxx nnnnn ttttt",
       Class::AtomicCompare,
       {RnSp, None, Rm, Rd},
       {Rm},
       kAtomic | kOpAcquire},
      {"xx 001000 111 sssss 1 xxxxx nnnnn ttttt", Class::AtomicCompare, {RnSp, None, Rm, Rd}, {Rm}, kAtomicBoth},
      {"xx 111 0 00 001 sssss 0 xxx 00 nnnnn 11111", Class::AtomicStore, {RnSp, None, Rm}, {}, kAtomic},
      {"xx 111 0 00 011 sssss 0 xxx 00 nnnnn 11111", Class::AtomicStore, {RnSp, None, Rm}, {}, kAtomic | kOpRelease},
      {"xx 111 0 00 001 sssss x xxx 00 nnnnn ttttt", Class::AtomicLoad, {RnSp, None, Rm}, {Rd}, kAtomic},
      {"xx 111 0 00 011 sssss x xxx 00 nnnnn ttttt", Class::AtomicLoad, {RnSp, None, Rm}, {Rd}, kAtomic | kOpRelease},
      {"xx 111 0 00 101 sssss x xxx 00 nnnnn ttttt", Class::AtomicLoad, {RnSp, None, Rm}, {Rd}, kAtomic | kOpAcquire},
      {"xx 111 0 00 111 sssss x xxx 00 nnnnn ttttt", Class::AtomicLoad, {RnSp, None, Rm}, {Rd}, kAtomicBoth},

      // literal
      {"11 011 0 00 xxxxxxxxxxxxxxxxxxx xxxxx", Class::Prefetch},
      {"xx 011 0 00 xxxxxxxxxxxxxxxxxxx ttttt", Class::Load, {}, {Rd}, kLoad},
      {"xx 011 1 00 xxxxxxxxxxxxxxxxxxx ttttt", Class::LoadFp, {}, {Vd}, kLoad},

      // pairs: no-allocate and offset, then post- and pre-index
      {"xx 101 0 0x0 0 xxxxxxx uuuuu nnnnn ttttt", Class::StorePair, {RnSp, None, Rd, Ra}, {}, kStore},
      {"xx 101 0 0x1 0 xxxxxxx uuuuu nnnnn ttttt",
       Class::StorePair,
       {RnSp, None, Rd, Ra},
       {None, None, None, RnSp},
       kStoreBack},
      {"xx 101 0 0x0 1 xxxxxxx uuuuu nnnnn ttttt", Class::LoadPair, {RnSp}, {Rd, Ra}, kLoad},
      {"xx 101 0 0x1 1 xxxxxxx uuuuu nnnnn ttttt", Class::LoadPair, {RnSp}, {Rd, Ra, None, RnSp}, kLoadBack},
      {"10 101 1 0x0 0 xxxxxxx uuuuu nnnnn ttttt", Class::StoreFpPairQuad, {RnSp, None, Vd, Va}, {}, kStore},
      {"10 101 1 0x1 0 xxxxxxx uuuuu nnnnn ttttt",
       Class::StoreFpPairQuad,
       {RnSp, None, Vd, Va},
       {None, None, None, RnSp},
       kStoreBack},
      {"10 101 1 0x0 1 xxxxxxx uuuuu nnnnn ttttt", Class::LoadFpPairQuad, {RnSp}, {Vd, Va}, kLoad},
      {"10 101 1 0x1 1 xxxxxxx uuuuu nnnnn ttttt", Class::LoadFpPairQuad, {RnSp}, {Vd, Va, None, RnSp}, kLoadBack},
      {"0x 101 1 0x0 0 xxxxxxx uuuuu nnnnn ttttt", Class::StoreFpPair, {RnSp, None, Vd, Va}, {}, kStore},
      {"0x 101 1 0x1 0 xxxxxxx uuuuu nnnnn ttttt",
       Class::StoreFpPair,
       {RnSp, None, Vd, Va},
       {None, None, None, RnSp},
       kStoreBack},
      {"0x 101 1 0x0 1 xxxxxxx uuuuu nnnnn ttttt", Class::LoadFpPair, {RnSp}, {Vd, Va}, kLoad},
      {"0x 101 1 0x1 1 xxxxxxx uuuuu nnnnn ttttt", Class::LoadFpPair, {RnSp}, {Vd, Va, None, RnSp}, kLoadBack},

      // one general register: prefetches, authenticated loads, unsigned immediate, unscaled and unprivileged, post- and
      // pre-index, register offset
      {"11 111 0 01 10 xxxxxxxxxxxx nnnnn xxxxx", Class::Prefetch, {RnSp}},
      {"11 111 0 00 10 0 xxxxxxxxx 00 nnnnn xxxxx", Class::Prefetch, {RnSp}},
      {"11 111 0 00 10 1 mmmmm xxxx 10 nnnnn xxxxx", Class::Prefetch, {RnSp, Rm}},
      {"11 111 0 00 xx 1 xxxxxxxxx 01 nnnnn ttttt", Class::Load, {RnSp}, {Rd}, kAuthenticated},
      {"11 111 0 00 xx 1 xxxxxxxxx 11 nnnnn ttttt",
       Class::Load,
       {RnSp},
       {Rd, None, None, RnSp},
       kAuthenticated | kOpEarlyBase},
      {"xx 111 0 01 00 xxxxxxxxxxxx nnnnn ttttt", Class::Store, {RnSp, None, Rd}, {}, kStore},
      {"xx 111 0 01 xx xxxxxxxxxxxx nnnnn ttttt", Class::Load, {RnSp}, {Rd}, kLoad},
      {"xx 111 0 00 00 0 xxxxxxxxx x0 nnnnn ttttt", Class::Store, {RnSp, None, Rd}, {}, kStore},
      {"xx 111 0 00 xx 0 xxxxxxxxx x0 nnnnn ttttt", Class::Load, {RnSp}, {Rd}, kLoad},
      {"xx 111 0 00 00 0 xxxxxxxxx x1 nnnnn ttttt",
       Class::Store,
       {RnSp, None, Rd},
       {None, None, None, RnSp},
       kStoreBack},
      {"xx 111 0 00 xx 0 xxxxxxxxx x1 nnnnn ttttt", Class::Load, {RnSp}, {Rd, None, None, RnSp}, kLoadBack},
      {"xx 111 0 00 00 1 mmmmm xxxx 10 nnnnn ttttt", Class::StoreOffset, {RnSp, Rm, Rd}, {}, kStore},
      {"xx 111 0 00 xx 1 mmmmm xxxx 10 nnnnn ttttt", Class::LoadOffset, {RnSp, Rm}, {Rd}, kLoad},

      // one FP or SIMD register
      {"xx 111 1 01 00 xxxxxxxxxxxx nnnnn ttttt", Class::StoreFp, {RnSp, None, Vd}, {}, kStore},
      {"xx 111 1 01 10 xxxxxxxxxxxx nnnnn ttttt", Class::StoreFpQuad, {RnSp, None, Vd}, {}, kStore},
      {"xx 111 1 01 x1 xxxxxxxxxxxx nnnnn ttttt", Class::LoadFp, {RnSp}, {Vd}, kLoad},
      {"xx 111 1 00 00 0 xxxxxxxxx x0 nnnnn ttttt", Class::StoreFp, {RnSp, None, Vd}, {}, kStore},
      {"xx 111 1 00 10 0 xxxxxxxxx x0 nnnnn ttttt", Class::StoreFpQuad, {RnSp, None, Vd}, {}, kStore},
      {"xx 111 1 00 x1 0 xxxxxxxxx x0 nnnnn ttttt", Class::LoadFp, {RnSp}, {Vd}, kLoad},
      {"xx 111 1 00 00 0 xxxxxxxxx x1 nnnnn ttttt",
       Class::StoreFp,
       {RnSp, None, Vd},
       {None, None, None, RnSp},
       kStoreBack},
      {"xx 111 1 00 10 0 xxxxxxxxx x1 nnnnn ttttt",
       Class::StoreFpQuad,
       {RnSp, None, Vd},
       {None, None, None, RnSp},
       kStoreBack},
      {"xx 111 1 00 x1 0 xxxxxxxxx x1 nnnnn ttttt", Class::LoadFp, {RnSp}, {Vd, None, None, RnSp}, kLoadBack},
      {"xx 111 1 00 x0 1 mmmmm xxxx 10 nnnnn ttttt", Class::StoreFpOffset, {RnSp, Rm, Vd}, {}, kStore},
      {"xx 111 1 00 x1 1 mmmmm xxxx 10 nnnnn ttttt", Class::LoadFpOffset, {RnSp, Rm}, {Vd}, kLoad},
  };
  return kRows;
}

}  // namespace tw::cpu
