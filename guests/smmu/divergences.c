#include "divergences.h"

#include "world.h"

#define CLASS_SHIFT 40
#define CLASS_BITS (3ull << CLASS_SHIFT)
#define RNW_BIT BIT(35)
#define S2_BIT BIT(39)
#define TTRNW_BIT BIT(44)

enum effect {
  TYPE,    // another event
  CLASS,   // another class
  CLEAR1,  // bits of the second word
  WORD3,   // another address in the last word
  SILENT,  // no record
  HARM,    // and what happens then: enum problem
};

// '*' stands for any characters. All rows that fit count, in their order.
static const struct {
  const char *pattern;
  enum effect effect;
  u64 value;
} rows[] = {
    // CR2.RECINVSID is not looked at: see qemu_answer().
    // A stage-1 context pointer or an input address that is too big is cut, or aborts without a record.
    {"ste*.context_too_far", SILENT, 0},
    {"ste*.context_too_far", HARM, LEAKED},
    {"*.input_beyond_*", SILENT, 0},
    // FetchAddr of F_CD_FETCH is in the word of the input address.
    {"cd_fetch*", WORD3, 0},
    // Output addresses of table descriptors are not compared with IPS and S2PS: the next fetch aborts.
    {"s1.addr_size.l1.*", TYPE, F_WALK_EABT},
    {"s1.addr_size.l2.*", TYPE, F_WALK_EABT},
    {"*s1.addr_size.l1.*", CLASS, CLASS_TT},
    {"*s1.addr_size.l2.*", CLASS, CLASS_TT},
    {"*s2*.addr_size.l1.*", TYPE, F_WALK_EABT},
    {"*s2*.addr_size.l2.*", TYPE, F_WALK_EABT},
    {"*s2*.addr_size.l1.*", WORD3, TOO_BIG | 0x200},
    {"*s2.addr_size.l2.*", WORD3, TOO_BIG | 8 * DATA_PAGE},
    {"*s2.tt1.addr_size.l2.*", WORD3, TOO_BIG | 8 * S1_LEVEL1},
    {"*s2.cd.addr_size.l2.*", WORD3, TOO_BIG | 8 * CD_PAGE},
    // AP[1] of stage 1 forbids no read.
    {"*s1.permission.*.read", SILENT, 0},
    {"*s1.permission.*.read", HARM, LEAKED},
    // STE.PRIVCFG and INSTCFG do nothing.
    {"privcfg.translation", CLEAR1, BIT(33)},
    {"instcfg.permission", SILENT, 0},
    {"instcfg.permission", HARM, LEAKED},
    // The Access flag is looked at before the output address; and as for other stage-1 tables, below.
    {"priority.s1.size_before_access", TYPE, F_ACCESS},
    {"priority.s2_of_table_before_s1", CLEAR1, S2_BIT},
    // STE.S2PTW
    {"nested.s2ptw", SILENT, 0},
    {"nested.s2ptw", HARM, LEAKED},
    // L1STD.Span is compared with nothing.
    {"two_level.span_too_big", SILENT, 0},
    {"two_level.span_too_big", HARM, LEAKED},
    {"two_level.span_reserved", SILENT, 0},
    {"two_level.span_reserved", HARM, LEAKED},
    {"two_level.beyond_span", SILENT, 0},
    {"two_level.beyond_span", HARM, LEAKED},
};

static bool fits(const char *pattern, const char *text) {
  for (; *pattern != '*'; ++pattern, ++text) {
    if (*pattern != *text) return false;
    if (!*pattern) return true;
  }
  do {
    if (fits(pattern + 1, text)) return true;
  } while (*text++);
  return false;
}

static void apply(struct answer *answer, enum effect effect, u64 value) {
  switch (effect) {
    case TYPE:
      answer->words.word[0] = (answer->words.word[0] & ~0xffull) | value;
      break;
    case CLASS:
      answer->words.word[1] = (answer->words.word[1] & ~CLASS_BITS) | value << CLASS_SHIFT;
      break;
    case CLEAR1:
      answer->words.word[1] &= ~value;
      break;
    case WORD3:
      answer->words.word[3] = value;
      break;
    case SILENT:
      answer->events = 0;
      break;
    case HARM:
      answer->problems |= (unsigned)value;
      break;
  }
}

struct answer qemu_answer(const char *name, const struct record *expected, struct event words) {
  struct answer answer = {expected->type != NO_EVENT, words, 0};
  for (unsigned i = 0; i < ARRAY_SIZE(rows); ++i) {
    if (fits(rows[i].pattern, name)) apply(&answer, rows[i].effect, rows[i].value);
  }
  if (fits("streamid.not_recorded", name)) {
    answer.events = 1;
    answer.words.word[0] = (u64)expected->sid << 32 | C_BAD_STREAMID;
  }
  if (expected->type == F_CD_FETCH) answer.words.word[2] = expected->fetch;
  if (!expected->s2) return answer;
  u64 *const word1 = &answer.words.word[1];
  if (expected->class == CLASS_IN) {
    // The IPA of an input is recorded with its low bits.
    const bool is_fetch = (answer.words.word[0] & 0xff) == F_WALK_EABT;
    if (!is_fetch) answer.words.word[3] |= expected->input & 0xfff;
    return answer;
  }
  *word1 &= ~TTRNW_BIT;
  // For a stage-1 table that is not the first, the fault is stage 1's, and the address the table's IPA.
  for (unsigned level = 2; level <= 3; ++level) {
    if (!fits(level == 2 ? "nested.s2.tt2.*" : "nested.s2.tt3.*", name)) continue;
    *word1 &= ~S2_BIT;
    answer.words.word[3] = ipa_of((enum thing)level);
    return answer;
  }
  // For the first, and for the CD, RnW is that of the SMMU's own access.
  *word1 |= RNW_BIT;
  return answer;
}
