// PASS and FAIL lines, and the last line of a program.
#pragma once
#include "arch.h"

// Prints `PASS name expected E got G` (decimal) or FAIL; returns whether it passed.
bool check(const char *name, u64 expected, u64 got);
bool check_hex(const char *name, u64 expected, u64 got);
// For what QEMU 7.2 does otherwise than the architecture (README.md, "QEMU divergences"): either value passes, and the
// line begins with NOTE, which the comparison of the two simulators leaves out.
bool check_divergent(const char *name, u64 architecture, u64 qemu, u64 got);
bool check_divergent_from(const char *version, const char *name, u64 architecture, u64 qemu, u64 got);
// Counts a verdict that the caller prints.
bool check_verdict(bool pass);
// Prints `RESULT: PASS|FAIL (p passed, f failed)`.
void check_summary(void);
