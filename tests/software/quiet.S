// Long silences: after a whole line, and in the middle of one.
  .equ UART, 0x09000000
  .globl _start
_start:
  adr x2, line
  bl print
  bl work
  adr x2, begin
  bl print
  bl work
  adr x2, end
  bl print
  movz w0, #0x8400, lsl #16    // PSCI SYSTEM_OFF
  movk w0, #0x0008
  smc #0
  b .
print:
  ldr x1, =UART
1: ldrb w3, [x2], #1
  cbz w3, 2f
  str w3, [x1]
  b 1b
2: ret
work:
  movz x4, #0x0800, lsl #16    // 134 million turns of two instructions
1: subs x4, x4, #1
  b.ne 1b
  ret
line: .asciz "a whole line\n"
begin: .asciz "begin, "
end: .asciz "end\n"
