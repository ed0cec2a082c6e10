// Arm semihosting from EL2 (HLT #0xF000): console, clock, and the exit code. Ends with status 42, not with PSCI.
#include "../lib/arch.h"

enum operation { SYS_WRITEC = 0x03, SYS_WRITE0 = 0x04, SYS_CLOCK = 0x10, SYS_ERRNO = 0x13, SYS_EXIT = 0x18 };
#define ADP_STOPPED_APPLICATION_EXIT 0x20026
#define EXIT_STATUS 42

static u64 semihost(enum operation operation, const void *parameter) {
  register u64 x0 asm("x0") = operation;
  register u64 x1 asm("x1") = (u64)parameter;
  asm volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
  return x0;
}

int main(void) {
  semihost(SYS_WRITE0, "semihosting: hello\n");
  for (const char *c = "one character at a time\n"; *c; ++c) semihost(SYS_WRITEC, c);
  const s64 centiseconds = (s64)semihost(SYS_CLOCK, 0);
  semihost(SYS_WRITE0, centiseconds >= 0 ? "PASS clock\n" : "FAIL clock\n");
  semihost(SYS_WRITE0, "RESULT: PASS (1 passed, 0 failed)\n");
  const u64 block[2] = {ADP_STOPPED_APPLICATION_EXIT, EXIT_STATUS};
  semihost(SYS_EXIT, block);
  return 1;
}
