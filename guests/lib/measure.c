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
