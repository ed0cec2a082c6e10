// PASS and FAIL lines, and the last line of a program.
#pragma once
#include "arch.h"

// Prints `PASS name expected E got G` (decimal) or FAIL; returns whether it passed.
bool check(const char *name, u64 expected, u64 got);
bool check_hex(const char *name, u64 expected, u64 got);
// Prints `RESULT: PASS|FAIL (p passed, f failed)`.
void check_summary(void);
