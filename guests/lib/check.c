#include "check.h"

#include "print.h"

static unsigned passed, failed;

static bool count(bool pass) {
  ++*(pass ? &passed : &failed);
  return pass;
}

bool check(const char *name, u64 expected, u64 got) {
  print("%s %s expected %lu got %lu\n", expected == got ? "PASS" : "FAIL", name, expected, got);
  return count(expected == got);
}

bool check_hex(const char *name, u64 expected, u64 got) {
  print("%s %s expected 0x%lx got 0x%lx\n", expected == got ? "PASS" : "FAIL", name, expected, got);
  return count(expected == got);
}

bool check_divergent(const char *name, u64 architecture, u64 qemu, u64 got) {
  return check_divergent_from("7.2", name, architecture, qemu, got);
}

bool check_divergent_from(const char *version, const char *name, u64 architecture, u64 qemu, u64 got) {
  print("NOTE %s: 0x%lx, the architecture says 0x%lx, QEMU %s 0x%lx\n", name, got, architecture, version, qemu);
  return count(got == architecture || got == qemu);
}

bool check_verdict(bool pass) { return count(pass); }

void check_summary(void) {
  print("RESULT: %s (%u passed, %u failed)\n", failed || !passed ? "FAIL" : "PASS", passed, failed);
}
