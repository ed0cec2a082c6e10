// Runs a function, has virtio-blk read another one over it, and runs that: 1, then 2. Then the driver breaks a rule: the
// device says NEEDS_RESET (3). MMU off, polling; a legacy-free driver of the last virtio-mmio transport.
typedef unsigned int u32;
typedef unsigned long u64;
typedef unsigned short u16;

asm(".global _start\n_start: ldr x0, =0x40300000\n mov sp, x0\n bl test\n"
    " movz w0, #0x0008\n movk w0, #0x8400, lsl #16\n smc #0\n b .\n");  // PSCI SYSTEM_OFF

struct Descriptor {
  u64 address;
  u32 length;
  u16 flags, next;
};
static volatile struct Descriptor *const descriptors = (void *)0x40400000;
static volatile u16 *const available = (void *)0x40401000;
static volatile u16 *const used = (void *)0x40402000;
static volatile u32 *const header = (void *)0x40403000;
static volatile u32 *const code = (void *)0x40404000;
static volatile unsigned char *const status = (void *)0x40405000;

static volatile u32 *const device = (void *)0x0A003E00;
static void put(u32 offset, u32 value) { device[offset / 4] = value; }
static u32 get(u32 offset) { return device[offset / 4]; }
static void print(int character) { *(volatile u32 *)0x09000000 = character; }

static int run(void) {
  asm volatile("ic iallu\n dsb sy\n isb" ::: "memory");
  return ((int (*)(void))(u64)code)();
}

static void descriptor(int n, volatile void *at, u32 length, u16 flags) {
  descriptors[n].address = (u64)at;
  descriptors[n].length = length;
  descriptors[n].flags = flags;
  descriptors[n].next = n + 1;
}

void test(void) {
  code[0] = 0x52800020;  // mov w0, #1
  code[1] = 0xD65F03C0;  // ret
  print('0' + run());

  put(0x70, 0);
  put(0x70, 3);
  put(0x24, 1);
  put(0x20, 1);  // VIRTIO_F_VERSION_1
  put(0x70, 11);
  put(0x30, 0);
  put(0x38, 4);
  put(0x80, (u32)(u64)descriptors);
  put(0x90, (u32)(u64)available);
  put(0xA0, (u32)(u64)used);
  put(0x44, 1);
  put(0x70, 15);
  header[0] = header[1] = header[2] = header[3] = 0;  // read sector 0
  descriptor(0, header, 16, 1);
  descriptor(1, code, 512, 3);
  descriptor(2, status, 1, 2);
  available[2] = 0;
  available[1] = 1;
  put(0x50, 0);
  while (used[1] != 1) {
  }
  // Not a word about instruction caches: what DMA writes is coherent.
  print('0' + ((int (*)(void))(u64)code)());

  descriptor(0, header, 16, 1);
  descriptors[0].next = 4;
  available[1] = 2;
  put(0x50, 0);
  while ((get(0x70) & 64) == 0) {
  }
  print((get(0x60) & 2) ? '3' : '?');
}
