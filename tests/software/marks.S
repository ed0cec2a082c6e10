// Five rounds, each with everything that a region of interest can begin or end at: a letter on the console, two HINTs
// around a loop, a function, an entry to a guest under the round's VMID. marks.py knows how many instructions lie
// between them.
  .equ UART, 0x09000000
  .globl _start, work, work_end
_start:
  adr x0, vectors
  msr vbar_el2, x0
  ldr x0, =0x80023559          // VTCR_EL2: 39 bits from level 1, 4 KB, write-back
  msr vtcr_el2, x0
  ldr x0, =0x80000001          // HCR_EL2: RW, VM
  msr hcr_el2, x0
  ldr x0, =0x30D00800          // SCTLR_EL1: all off
  msr sctlr_el1, x0
  isb
  mov x19, #1
round:
  add w1, w19, #'A'
  ldr x0, =UART
  str w1, [x0]
  hint #99                     // mark 3
  mov x2, #1000
1: subs x2, x2, #1
  b.ne 1b
  hint #100                    // mark 4
  bl work
  adr x0, stage2
  orr x0, x0, x19, lsl #48
  msr vttbr_el2, x0
  isb
  adr x0, guest
  msr elr_el2, x0
  mov x0, #0x3C5
  msr spsr_el2, x0
  eret
guest:
  mov x3, #10
2: subs x3, x3, #1
  b.ne 2b
  hvc #0
back:
  add x19, x19, #1
  cmp x19, #6
  b.ne round
  movz w0, #0x8400, lsl #16    // PSCI SYSTEM_OFF
  movk w0, #0x0008
  smc #0
  b .
work:
  mov x4, #100
3: subs x4, x4, #1
  b.ne 3b
work_end:
  ret
  .ltorg
  .align 12
stage2:                        // identity, one block of 1 GB at RAM
  .quad 0
  .quad 0x40000000 | 0x7FD
  .skip 4096 - 16
  .align 11
vectors:
  .skip 0x400
  b back
