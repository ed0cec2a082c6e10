// Random programs for the PL330, and an interpreter of them that does one thing after the other.
#pragma once

#include <deque>
#include <random>

#include "support/pl330_rig.hpp"

namespace tw::test {

using Random = std::mt19937_64;
inline u64 below(Random& random, u64 limit) { return random() % limit; }

/// What a program does to memory when each instruction is over before the next begins.
struct Pl330Reference {
  std::vector<u8>& memory;
  u32 source = 0, destination = 0;
  u32 word = 0;
  std::deque<u8> stream = {};

  struct Half {
    bool moves;
    u32 size, beats;
  };
  static Half half(u32 field) { return {(field & 1) != 0, 1u << (field >> 1 & 7), (field >> 4 & 15) + 1}; }
  /// Address by address: a beat begins at its address and ends before the next multiple of its size.
  template <class Touch>
  static u32 burst(const Half& half, u32 address, Touch touch) {
    for (u32 beat = 0; beat < half.beats; ++beat) {
      u32 at = address;
      do touch(at++);
      while (at % half.size != 0);
      if (half.moves) address = at;
    }
    return address;
  }
  void load() {
    source = burst(half(word), source, [this](u32 at) { stream.push_back(memory[at]); });
  }
  u32 store_bytes() const {
    u32 bytes = 0;
    burst(half(word >> 14), destination, [&](u32) { ++bytes; });
    return bytes;
  }
  void store() {
    destination = burst(half(word >> 14), destination, [this](u32 at) {
      memory[at] = stream.front();
      stream.pop_front();
    });
  }
};

enum class Rest : u8 {
  Forgotten,  ///< what a section has loaded too much goes with the next one's change of lane
  Stored,     ///< byte by byte
};

/// One section: a few loads, stores, barriers and additions under one CCR.
inline void add_section(Microcode& program, Random& random, Pl330Reference& reference, u32 from, u32 to, Rest rest) {
  const auto half = [&](bool one_byte_where_fixed) {
    const bool moves = below(random, 4) != 0;
    const u64 log2 = moves || !one_byte_where_fixed ? below(random, 4) : 0;
    return static_cast<u32>((moves ? 1 : 0) | log2 << 1 | below(random, 4) << 4 | 2 << 8);
  };
  reference.word = half(false) | half(rest == Rest::Stored) << 14;
  reference.source = from + static_cast<u32>(below(random, 128));
  reference.destination = to + static_cast<u32>(below(random, 128));
  program.move_control(reference.word).move_source(reference.source).move_destination(reference.destination);
  for (unsigned i = 0; i < 8; ++i) {
    if (reference.stream.size() >= reference.store_bytes() && below(random, 3) != 0) {
      program.store();
      reference.store();
    } else if (reference.stream.size() < 64) {
      program.load();
      reference.load();
    }
    const auto step = static_cast<unsigned>(16 * below(random, 3));
    switch (below(random, 12)) {
      case 0:
        program.read_barrier();
        break;
      case 1:
        program.write_barrier();
        break;
      case 2:
        program.add_source(step + 5);
        reference.source += step + 5;
        break;
      case 3:
        program.add_destination(step);  // the same lane: the data stay
        reference.destination += step;
        break;
      default:
        break;
    }
  }
  if (rest == Rest::Forgotten) return;
  reference.word &= ~(0x7Fu << 15);
  program.move_control(reference.word);
  while (!reference.stream.empty()) {
    program.store();
    reference.store();
  }
}

/// Loads from one kilobyte that nobody writes, stores to another that nobody else does.
inline Microcode random_program(Random& random, Pl330Reference& reference, unsigned channel, unsigned sections,
                                Rest rest) {
  Microcode program;
  const u32 from = 0x400 * channel, to = 0x4000 + 0x400 * channel;
  for (unsigned section = 0; section < sections; ++section) {
    if (rest == Rest::Forgotten) {
      program.move_control(control(0, 1)).move_destination(to).move_destination(to + 1);
      reference.stream.clear();
    }
    add_section(program, random, reference, from, to, rest);
    program.write_barrier();
  }
  return program.end();
}

}  // namespace tw::test
