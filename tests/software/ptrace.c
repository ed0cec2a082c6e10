// /init of linux_ptrace.py: the debug hardware as Linux gives it to a debugger. A child is stepped instruction by
// instruction, then run to a hardware breakpoint and to a watchpoint. What is printed depends on nothing else.
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

struct registers {
  uint64_t x[31], sp, pc, pstate;
};
// struct user_hwdebug_state of asm/ptrace.h
struct debug_registers {
  uint32_t info, pad;
  struct {
    uint64_t address;
    uint32_t control, pad;
  } slot[16];
};

enum { kOn = 1, kEl0 = 2 << 1, kAllBytesOfAnInstruction = 0xf << 5, kStores = 2 << 3, kAllBytes = 0xff << 5 };

static volatile uint64_t target[4];

__attribute__((noinline)) static void work(int n) {
  for (int i = 0; i < n; ++i) target[i & 3] = (uint64_t)i * 3;
}
__attribute__((noinline)) static void hit(void) { __asm__ volatile("nop"); }

static void child(void) {
  ptrace(PTRACE_TRACEME, 0, 0, 0);
  raise(SIGSTOP);
  work(100);
  raise(SIGSTOP);
  hit();
  work(5);
  _exit(7);
}

static uint64_t pc_of(pid_t pid) {
  struct registers registers;
  struct iovec vector = {&registers, sizeof registers};
  ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &vector);
  return registers.pc;
}

static long set_slot0(pid_t pid, long kind, uint64_t address, uint32_t control) {
  struct debug_registers debug;
  memset(&debug, 0, sizeof debug);
  debug.slot[0].address = address;
  debug.slot[0].control = control;
  struct iovec vector = {&debug, offsetof(struct debug_registers, slot) + sizeof debug.slot[0]};
  return ptrace(PTRACE_SETREGSET, pid, (void *)kind, &vector);
}

static void step(pid_t pid) {
  uint64_t steps = 0, digest = 0;
  int status;
  for (;;) {
    ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
    waitpid(pid, &status, 0);
    if (!WIFSTOPPED(status) || WSTOPSIG(status) == SIGSTOP) break;
    ++steps;
    digest = (digest ^ pc_of(pid)) * 0x100000001b3u;
  }
  printf("ptrace: %lu steps, digest %016lx\n", steps, digest);
}

static void run_to_stops(pid_t pid) {
  set_slot0(pid, NT_ARM_HW_BREAK, (uint64_t)hit, kOn | kEl0 | kAllBytesOfAnInstruction);
  set_slot0(pid, NT_ARM_HW_WATCH, (uint64_t)&target[2], kOn | kEl0 | kStores | kAllBytes);
  for (int stops = 0; stops < 8; ++stops) {
    int status;
    ptrace(PTRACE_CONT, pid, 0, 0);
    waitpid(pid, &status, 0);
    if (!WIFSTOPPED(status)) {
      printf("ptrace: exit %d\n", WEXITSTATUS(status));
      return;
    }
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    const uint64_t where = (uint64_t)info.si_addr;
    if (pc_of(pid) == (uint64_t)hit) {
      printf("ptrace: signal %d code %d at hit %+ld\n", WSTOPSIG(status), info.si_code, (long)(where - (uint64_t)hit));
      set_slot0(pid, NT_ARM_HW_BREAK, 0, 0);
    } else {
      const long value = ptrace(PTRACE_PEEKDATA, pid, (void *)&target[2], 0);
      printf("ptrace: signal %d code %d at target %+ld, which is still %ld\n", WSTOPSIG(status), info.si_code,
             (long)(where - (uint64_t)target), value);
      set_slot0(pid, NT_ARM_HW_WATCH, 0, 0);
    }
  }
}

int main(void) {
  const pid_t pid = fork();
  if (pid == 0) child();
  int status;
  waitpid(pid, &status, 0);
  step(pid);
  run_to_stops(pid);
  fflush(stdout);
  sync();
  reboot(RB_POWER_OFF);
  return 1;
}
