#include "record.h"

#define IPA_BITS 0x000ffffffffff000ull    // [51:12]
#define FETCH_BITS 0x000ffffffffffff8ull  // [51:3]
#define REASON_BITS 0xffffull             // IMPLEMENTATION DEFINED; or STAG, which the SMMU chooses
#define SSID_BITS 0xfffff000ull
#define TTRNW_BIT BIT(44)

static bool is_translation_fault(enum event_type type) { return type >= F_TRANSLATION && type <= F_PERMISSION; }

// C_BAD_SUBSTREAMID has a SubstreamID and no SSV; F_STREAM_DISABLED and F_TRANSL_FORBIDDEN have neither.
static bool has_ssv(enum event_type type) {
  return type != F_STREAM_DISABLED && type != F_TRANSL_FORBIDDEN && type != C_BAD_SUBSTREAMID;
}

struct event record_words(const struct record *r) {
  struct event e = {{(u64)r->sid << 32 | (u64)r->type, 0, 0, 0}};
  if (has_ssv(r->type) && r->has_ssid) e.word[0] |= BIT(11) | (u64)r->ssid << 12;
  if (r->type == C_BAD_SUBSTREAMID) e.word[0] |= (u64)r->ssid << 12;
  switch (r->type) {
    case F_WALK_EABT:
    case F_TRANSLATION:
    case F_ADDR_SIZE:
    case F_ACCESS:
    case F_PERMISSION:
      e.word[1] = (r->stall ? BIT(31) : 0) | (r->privileged ? BIT(33) : 0) |
                  (r->instruction && !r->write ? BIT(34) : 0) | (r->write ? 0 : BIT(35)) | (r->s2 ? BIT(39) : 0) |
                  (u64)r->class << 40;
      if (r->type == F_PERMISSION && r->class == CLASS_TT && !r->table_write) e.word[1] |= TTRNW_BIT;
      e.word[2] = r->input;
      e.word[3] = r->type == F_WALK_EABT ? r->fetch & FETCH_BITS : r->s2 ? r->ipa & IPA_BITS : 0;
      break;
    case F_TRANSL_FORBIDDEN:
      e.word[1] = r->write ? 0 : BIT(35);
      e.word[2] = r->input;
      break;
    case F_BAD_ATS_TREQ:
      e.word[2] = r->input & ~0xfffull;
      break;
    case F_STE_FETCH:
    case F_CD_FETCH:
      e.word[3] = r->fetch & FETCH_BITS;
      break;
    default:
      break;
  }
  return e;
}

struct event record_mask(const struct record *r) {
  struct event mask = {{~0ull, ~0ull, ~0ull, ~0ull}};
  if (has_ssv(r->type) && !r->has_ssid) mask.word[0] &= ~SSID_BITS;
  mask.word[1] &= ~REASON_BITS;
  // What was asked for, which the figure shows and the text does not say.
  if (r->type == F_BAD_ATS_TREQ) mask.word[1] = 0;
  if (is_translation_fault(r->type) && !r->s2) mask.word[3] = 0;  // "IPA is UNKNOWN"
  if (r->type == F_PERMISSION && r->class != CLASS_TT) mask.word[1] &= ~TTRNW_BIT;
  return mask;
}
