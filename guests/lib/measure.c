#include "measure.h"

#include "print.h"

#define PMCR_E BIT(0)
#define PMCR_C BIT(2)
#define PMCR_LC BIT(6)
#define PMCCFILTR_NSH BIT(27)  // EL2 too
#define CYCLE_COUNTER BIT(31)

void measure_init(void) {
  WRITE_SYSREG(pmccfiltr_el0, PMCCFILTR_NSH);
  WRITE_SYSREG(pmcntenset_el0, CYCLE_COUNTER);
  WRITE_SYSREG(pmcr_el0, PMCR_E | PMCR_C | PMCR_LC);
  isb();
}

void measure_print(const char *name, u64 total, u64 count) {
  print("cycles: %s total=%lu count=%lu each=%lu\n", name, total, count, count ? (total + count / 2) / count : 0);
}

void measure_events(enum pmu_event first, enum pmu_event second) {
  WRITE_SYSREG(pmevtyper0_el0, first);
  WRITE_SYSREG(pmevtyper1_el0, second);
  WRITE_SYSREG(pmcntenset_el0, 3);
  isb();
}

void event_print(const char *name, const char *event, u64 count) { print("events: %s %s=%lu\n", name, event, count); }

const char *name_of(const char *a, const char *b, const char *c) {
  static char text[80];
  unsigned n = 0;
  const char *const parts[] = {a, b, c};
  for (unsigned i = 0; i < 3; ++i) {
    if (i) text[n++] = '.';
    for (const char *s = parts[i]; *s && n < sizeof(text) - 2; ++s) text[n++] = *s;
  }
  text[n] = 0;
  return text;
}
