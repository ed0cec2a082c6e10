// A Linux arm64 Image (Documentation/arch/arm64/booting.rst) that is an EFI program too, as Debian's kernels are, with
// the least that a PE header may have. Prints K and powers off.
.text
image:
  ccmp x18, #0, #0xD, pl  // "MZ"
  b start
  .quad 0                 // text_offset
  .quad end - image + 0x1000
  .quad 0xA               // flags
  .quad 0, 0, 0
  .ascii "ARM\x64"
  .long pe - image
pe:
  .ascii "PE\0\0"
  .short 0xAA64, 1        // machine, sections
  .long 0, 0, 0
  .short 0, 0x206         // size of the optional header, characteristics
  .ascii ".text\0\0\0"
  .long end - start, start - image, end - start, start - image
  .long 0, 0
  .short 0, 0
  .long 0x60000020
start:
  mov x1, #0x09000000
  mov w2, #'K'
  str w2, [x1]
  mov w0, #0x0008         // PSCI SYSTEM_OFF
  movk w0, #0x8400, lsl #16
  smc #0
  b .
  .set noise, 1           // does not compress away
  .rept 1024
  .set noise, (noise * 1103515245 + 12345) & 0x7FFFFFFF
  .long noise
  .endr
end:
