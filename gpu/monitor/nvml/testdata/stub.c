/* A driver's management library with one made-up device. Each test compiles it
 * with what it wants to see:
 *
 *   -DLACK_<function>   leaves the function out
 *   -DFAIL_<function>=n makes it return n
 *   -DHANG_<function>   makes it never return
 *
 * The declarations are those of the interface, as far as it is used. */
#include <string.h>
#include <unistd.h>

typedef int code;
typedef void *dev;

static int made_up;
static void hang(void) { for (;;) pause(); }

#ifndef LACK_init
code nvmlInit_v2(void) {
#ifdef FAIL_init
  return FAIL_init;
#endif
#ifdef HANG_init
  hang();
#endif
  return 0;
}
#endif
code nvmlShutdown(void) { return 0; }
code nvmlSystemGetDriverVersion(char *s, unsigned n) { strncpy(s, "999.12.34", n); return 0; }
#ifdef COUNT
code nvmlDeviceGetCount_v2(unsigned *n) { *n = COUNT; return 0; }
#else
code nvmlDeviceGetCount_v2(unsigned *n) { *n = 1; return 0; }
#endif
code nvmlDeviceGetHandleByIndex_v2(unsigned i, dev *d) {
#ifdef FAIL_handle
  return FAIL_handle;
#endif
  *d = &made_up;
  return i;
}
code nvmlDeviceGetName(dev d, char *s, unsigned n) { strncpy(s, "Stub 100", n); return d != &made_up; }
code nvmlDeviceGetUUID(dev d, char *s, unsigned n) { strncpy(s, "GPU-stub", n); return d != &made_up; }

#ifndef LACK_utilisation
code nvmlDeviceGetUtilizationRates(dev d, struct { unsigned gpu, memory; } *u) {
#ifdef FAIL_utilisation
  return FAIL_utilisation;
#endif
#ifdef HANG_utilisation
  hang();
#endif
  u->gpu = 73, u->memory = 21;
  return d != &made_up;
}
#endif

#ifndef LACK_memory
code nvmlDeviceGetMemoryInfo(dev d, struct { unsigned long long total, free, used; } *m) {
  m->total = 80ull << 30, m->free = 70ull << 30, m->used = 10ull << 30;
  return d != &made_up;
}
#endif
#ifndef LACK_memory_v2
code nvmlDeviceGetMemoryInfo_v2(dev d, struct { unsigned version; unsigned long long total, reserved, free, used; } *m) {
  if (m->version != (sizeof *m | 2 << 24)) return 25;
  m->total = 80ull << 30, m->reserved = 1ull << 30, m->free = 70ull << 30, m->used = 9ull << 30;
  return d != &made_up;
}
#endif

#ifndef LACK_fields
struct field { unsigned id, scope; long long at, took; unsigned type; code ret; union { double d; unsigned u; unsigned long long ull; } value; };
code nvmlDeviceGetFieldValues(dev d, int n, struct field *f) {
  for (int i = 0; i < n; i++) {
    f[i].ret = f[i].id == 186 ? 0 : 3;
    f[i].type = 1;
    f[i].value.ull = ~0ull; /* what lies beside the 32 bits is anybody's */
    f[i].value.u = 412345;
  }
  return d != &made_up;
}
#endif
#ifndef LACK_power
code nvmlDeviceGetPowerUsage(dev d, unsigned *mw) { *mw = 400000; return d != &made_up; }
#endif
#ifndef LACK_power_limit
code nvmlDeviceGetEnforcedPowerLimit(dev d, unsigned *mw) { *mw = 700000; return d != &made_up; }
#endif
#ifndef LACK_temperature
code nvmlDeviceGetTemperature(dev d, unsigned sensor, unsigned *c) { *c = 61; return d != &made_up || sensor; }
#endif
#ifdef WITH_temperature_v
code nvmlDeviceGetTemperatureV(dev d, struct { unsigned version, sensor; int celsius; } *t) {
  if (t->version != (sizeof *t | 1 << 24)) return 25;
  t->celsius = 62;
  return d != &made_up;
}
#endif
#ifndef LACK_clock
code nvmlDeviceGetClockInfo(dev d, unsigned domain, unsigned *mhz) { *mhz = domain == 1 ? 1980 : 1; return d != &made_up; }
#endif

#ifndef LACK_processes
struct process { unsigned pid; unsigned long long memory; unsigned gi, ci; };
code nvmlDeviceGetComputeRunningProcesses_v3(dev d, unsigned *n, struct process *p) {
#ifdef FAIL_processes
  return FAIL_processes;
#endif
  unsigned room = *n;
  *n = 100; /* more than are asked for at first */
  if (room < 100) return 7;
  for (unsigned i = 0; i < 100; i++) {
    p[i].pid = 1000 + i, p[i].memory = (unsigned long long)i << 20, p[i].gi = p[i].ci = ~0u;
  }
  p[99].memory = ~0ull;
  return d != &made_up;
}
#endif
#ifndef LACK_process_utilisation
struct sample { unsigned pid; unsigned long long at; unsigned sm, mem, enc, dec; };
code nvmlDeviceGetProcessUtilization(dev d, struct sample *s, unsigned *n, unsigned long long since) {
  if (*n < 3) { *n = 3; return 7; }
  *n = 3;
  memset(s, 0, 3 * sizeof *s);
  s[0].pid = 1001, s[0].at = since + 5, s[0].sm = 250; /* more than there is */
  s[1].pid = 1001, s[1].at = since + 2, s[1].sm = 10;  /* older */
  s[2].pid = 1002, s[2].at = since - 9, s[2].sm = 50;  /* of before */
  return d != &made_up;
}
#endif
