// What a trap costs when nothing is done about it (ANCHORS.md, rows 1 and 2).
  .file "trap.S"

// A table whose handler of synchronous exceptions from EL1 is \code and nothing else. Interrupts end the measurement:
// they go where el2_vectors sends them.
.macro table name, code:vararg
  .balign 0x800
  .global \name
\name:
  .skip 8 * 0x80
  \code
  eret
  .balign 0x80
  stp x0, x1, [sp, #-16]!
  mov x0, #9
  b el2_from_lower
  .balign 0x80
  .skip 6 * 0x80
.endm

  .text
  table vectors_empty
  table vectors_stamp, mrs x9, pmccntr_el0

// u64 trap_round_trips(u64 count): cycles of `count` HVCs in a row.
  .global trap_round_trips
trap_round_trips:
  isb
  mrs x1, pmccntr_el0
0:
  hvc #0
  hvc #0
  hvc #0
  hvc #0
  subs x0, x0, #4
  b.ne 0b
  isb
  mrs x2, pmccntr_el0
  sub x0, x2, x1
  ret

// void trap_stamps(struct stamps *stamps, u64 count): the counter before HVC, at EL2's first instruction, after the return.
// vectors_stamp leaves EL2's count in x9.
  .global trap_stamps
trap_stamps:
  isb
  mrs x3, pmccntr_el0
  hvc #0
  mrs x4, pmccntr_el0
  sub x6, x9, x3
  sub x7, x4, x9
  ldp x10, x11, [x0]
  add x10, x10, x6
  add x11, x11, x7
  stp x10, x11, [x0]
  subs x1, x1, #1
  b.ne trap_stamps
  ret

// u64 barriers(u64 count), u64 reads_and_barriers(u64 count): cycles of `count` ISBs in a row, and of as many reads of the counter
// with an ISB behind each. What the second takes longer is what a read takes when something waits for it, as HVC and ERET do.
.macro counted name, code:vararg
  .global \name
\name:
  isb
  mrs x1, pmccntr_el0
0:
  .rept 4
  \code
  isb
  .endr
  subs x0, x0, #4
  b.ne 0b
  mrs x2, pmccntr_el0
  sub x0, x2, x1
  ret
.endm
  counted barriers
  counted reads_and_barriers, mrs x3, pmccntr_el0
