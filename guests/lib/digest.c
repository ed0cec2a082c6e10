#include "digest.h"

#include "print.h"

#define FNV_PRIME 0x100000001b3ull

u64 digest_fold(u64 digest, u64 value) {
  for (unsigned i = 0; i < 8; ++i) digest = (digest ^ ((value >> (8 * i)) & 0xff)) * FNV_PRIME;
  return digest;
}

void trap_log_clear(struct trap_log *log) {
  log->digest = DIGEST_START;
  log->async_sum = 0;
  for (unsigned i = 0; i < ARRAY_SIZE(log->by_ec); ++i) log->by_ec[i] = 0;
  for (unsigned i = 0; i < ARRAY_SIZE(log->by_slot); ++i) log->by_slot[i] = 0;
}

static bool is_abort(unsigned ec) {
  return ec == EC_IABT_LOWER || ec == EC_IABT_SAME || ec == EC_DABT_LOWER || ec == EC_DABT_SAME;
}

// FAR_ELx is UNKNOWN for the other classes.
static bool far_is_valid(unsigned ec) { return is_abort(ec) || ec == EC_PC_ALIGNMENT; }

// HPFAR_EL2 is UNKNOWN for a permission fault unless it is on a stage-1 walk (DDI 0487, HPFAR_EL2).
static bool hpfar_is_valid(u64 esr) {
  const unsigned type = FSC_TYPE(ISS_FSC(esr));
  return is_abort(ESR_EC(esr)) && (type <= FSC_ACCESS_FLAG || (esr & ISS_S1PTW));
}

void trap_log_add(struct trap_log *log, const struct trap_frame *frame, unsigned vector) {
  const unsigned slot = VECTOR_SLOT(vector);
  if (slot != SLOT_SYNC) {
    // Where the interrupt struck is time; which kind and from which EL is not.
    ++log->by_slot[slot];
    u64 d = digest_fold(digest_fold(DIGEST_START, vector), frame->spsr & SPSR_MODE);
    // A virtual SError's syndrome is IMPLEMENTATION DEFINED without RAS: its class alone is compared.
    if (slot == SLOT_SERROR) d = digest_fold(d, ESR_EC(frame->esr));
    log->async_sum += d;
    return;
  }
  const unsigned ec = ESR_EC(frame->esr);
  ++log->by_ec[ec];
  u64 d = digest_fold(log->digest, vector);
  d = digest_fold(d, frame->esr);
  d = digest_fold(d, frame->elr - (u64)image_start);
  d = digest_fold(d, frame->spsr);
  if (far_is_valid(ec)) d = digest_fold(d, frame->far);
  if (hpfar_is_valid(frame->esr)) d = digest_fold(d, frame->hpfar);
  log->digest = d;
}

void trap_log_merge(struct trap_log *total, const struct trap_log *part) {
  total->digest = digest_fold(total->digest, part->digest);
  total->async_sum += part->async_sum;
  for (unsigned i = 0; i < ARRAY_SIZE(total->by_ec); ++i) total->by_ec[i] += part->by_ec[i];
  for (unsigned i = 0; i < ARRAY_SIZE(total->by_slot); ++i) total->by_slot[i] += part->by_slot[i];
}

u64 trap_log_digest(const struct trap_log *log) { return digest_fold(log->digest, log->async_sum); }

void trap_log_print(const char *name, const struct trap_log *log) {
  static const char *const slots[] = {"sync", "IRQ", "FIQ", "SError"};
  for (unsigned ec = 0; ec < ARRAY_SIZE(log->by_ec); ++ec) {
    if (log->by_ec[ec]) print("traps: %s EC=0x%02x n=%lu\n", name, ec, log->by_ec[ec]);
  }
  for (unsigned slot = SLOT_IRQ; slot <= SLOT_SERROR; ++slot) {
    if (log->by_slot[slot]) print("traps: %s %s n=%lu\n", name, slots[slot], log->by_slot[slot]);
  }
  print("digest: %s 0x%016lx\n", name, trap_log_digest(log));
}
