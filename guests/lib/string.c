// The functions that GCC may call even in freestanding code.
#include "arch.h"

void *memset(void *target, int value, size_t size) {
  volatile u8 *t = target;
  while (size--) *t++ = (u8)value;
  return target;
}

void *memcpy(void *restrict target, const void *restrict source, size_t size) {
  volatile u8 *t = target;
  const u8 *s = source;
  while (size--) *t++ = *s++;
  return target;
}
