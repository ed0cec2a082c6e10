// What QEMU 10.0's SMMUv3 does otherwise than the specification, as rows and rules over what the specification expects.
// `tests/guest` fails when one is stale. guests/README.md says them in words.
#pragma once
#include "record.h"

struct answer {
  unsigned events;  // records: none or one
  struct event words;
  unsigned problems;
};

// What QEMU answers where the specification says `expected`, whose record is `words`.
struct answer qemu_answer(const char *name, const struct record *expected, struct event words);
