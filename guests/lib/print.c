#include "print.h"

#include <stdarg.h>

#include "psci.h"

#define UARTDR (UART_BASE + 0x00)
#define UARTFR (UART_BASE + 0x18)
#define UARTFR_TXFF BIT(5)

void put_char(char c) {
  while (mmio_read32(UARTFR) & UARTFR_TXFF) {
  }
  mmio_write32(UARTDR, (u8)c);
}

static void put_number(u64 value, unsigned base, unsigned width, char pad) {
  char digits[24];
  unsigned n = 0;
  do {
    digits[n++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value);
  for (; width > n; --width) put_char(pad);
  while (n) put_char(digits[--n]);
}

static void print_list(const char *format, va_list list) {
  for (; *format; ++format) {
    if (*format != '%') {
      if (*format == '\n') put_char('\r');
      put_char(*format);
      continue;
    }
    const char pad = format[1] == '0' ? '0' : ' ';
    unsigned width = 0;
    bool is_long = false;
    for (++format; (*format >= '0' && *format <= '9') || *format == 'l'; ++format) {
      if (*format == 'l') {
        is_long = true;
      } else {
        width = width * 10 + (unsigned)(*format - '0');
      }
    }
    switch (*format) {
      case 's':
        for (const char *s = va_arg(list, const char *); *s; ++s) put_char(*s);
        break;
      case 'c':
        put_char((char)va_arg(list, int));
        break;
      case 'd': {
        s64 value = is_long ? va_arg(list, s64) : va_arg(list, int);
        if (value < 0) put_char('-');
        put_number(value < 0 ? 0 - (u64)value : (u64)value, 10, width, pad);
        break;
      }
      case 'u':
      case 'x':
        put_number(is_long ? va_arg(list, u64) : va_arg(list, unsigned), *format == 'x' ? 16 : 10, width, pad);
        break;
      default:
        put_char(*format);
    }
  }
}

void print(const char *format, ...) {
  va_list list;
  va_start(list, format);
  print_list(format, list);
  va_end(list);
}

void panic(const char *format, ...) {
  va_list list;
  va_start(list, format);
  print("PANIC ");
  print_list(format, list);
  va_end(list);
  print("\nRESULT: FAIL (panic)\n");
  psci_system_off();
}
