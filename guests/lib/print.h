// Printing on the PL011. print() knows %s %c %d %u %x (int-sized: %d %u %x; 64-bit: %lu %lx), a width and '0' padding.
#pragma once
#include "arch.h"

void put_char(char c);
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Prints the reason and powers off: for states no program should reach.
void panic(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
