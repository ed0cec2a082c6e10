// Sleeps in WFI until the UART's receive interrupt is pending, prints what was typed, powers off at a 'q'.
  .equ UART, 0x09000000
  .equ GICD, 0x08000000
  .equ GICC, 0x08010000
  .globl _start
_start:
  ldr x1, =GICD
  mov w2, #1
  strb w2, [x1, #0x821]        // GICD_ITARGETSR of INTID 33: core 0
  mov w2, #2
  str w2, [x1, #0x104]         // GICD_ISENABLER1: INTID 33
  mov w2, #1
  str w2, [x1]                 // GICD_CTLR
  ldr x1, =GICC
  mov w3, #0xFF
  str w3, [x1, #4]             // GICC_PMR
  str w2, [x1]                 // GICC_CTLR
  ldr x1, =UART
  mov w2, #0x10
  str w2, [x1, #0x2C]          // LCR_H: FIFOs
  mov w2, #0x50
  str w2, [x1, #0x38]          // IMSC: receive, receive timeout
  mov w2, #0x301
  str w2, [x1, #0x30]          // CR: enabled, both directions
  mov w2, #'>'
  str w2, [x1]
wait:
  wfi
take:
  ldr w2, [x1, #0x18]          // FR
  tbnz w2, #4, wait            // nothing received
  ldr w2, [x1]
  str w2, [x1]
  cmp w2, #'q'
  b.ne take
  movz w0, #0x8400, lsl #16    // PSCI SYSTEM_OFF
  movk w0, #0x0008
  smc #0
  b .
