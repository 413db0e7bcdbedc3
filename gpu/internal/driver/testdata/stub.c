// A stand-in for libcuda.so.1: every function with the arguments and types of
// cuda.h, which writes down how it was called and answers with what its test
// expects. LACK_x leaves function x out.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <stdint.h>
#include <stddef.h>

typedef int CUresult, CUdevice, CUdevice_attribute, CUjit_option, CUjitInputType, CUmemPool_attribute, CUstreamCaptureMode;
typedef unsigned long long CUdeviceptr;
typedef void *CUcontext, *CUmodule, *CUfunction, *CUlinkState, *CUstream, *CUevent, *CUgraph, *CUgraphExec, *CUmemoryPool;
typedef struct { char bytes[16]; } CUuuid;

char said[4096];
static CUresult say(const char *format, ...) {
	va_list a;
	va_start(a, format);
	vsnprintf(said, sizeof said, format, a);
	va_end(a);
	return 0;
}
const char *stub_said(void) { return said; }
#define U unsigned long long
#define P (U)(uintptr_t)

CUresult cuInit(unsigned flags) { return say("cuInit %u", flags); }
CUresult cuDriverGetVersion(int *v) { *v = 12040; return 0; }
CUresult cuGetErrorString(CUresult c, const char **s) { *s = "a stub of an error"; return c == 7 ? 1 : say("cuGetErrorString %d", c); }
CUresult cuDeviceGetCount(int *n) { *n = 3; return 0; }
CUresult cuDeviceGet(CUdevice *d, int i) { *d = i + 40; return 0; }
CUresult cuDeviceGetName(char *s, int n, CUdevice d) { snprintf(s, n, "Stub %d %d", d, n); return 0; }
CUresult cuDeviceGetUuid(CUuuid *u, CUdevice d) { memset(u, d, 16); return say("cuDeviceGetUuid %d", d); }
#ifndef LACK_uuid_v2
CUresult cuDeviceGetUuid_v2(CUuuid *u, CUdevice d) { memset(u, d, 16); return say("cuDeviceGetUuid_v2 %d", d); }
#endif
CUresult cuDeviceTotalMem_v2(size_t *n, CUdevice d) { *n = (size_t)d << 36; return 0; }
CUresult cuDeviceGetAttribute(int *v, CUdevice_attribute a, CUdevice d) { *v = a * 1000 + d; return 0; }
CUresult cuDevicePrimaryCtxSetFlags(CUdevice d, unsigned f) { return say("cuDevicePrimaryCtxSetFlags %d %u", d, f); }
CUresult cuDevicePrimaryCtxRelease(CUdevice d) { return say("cuDevicePrimaryCtxRelease %d", d); }
#ifndef LACK_context_v2
CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice d, unsigned f) { return say("cuDevicePrimaryCtxSetFlags_v2 %d %u", d, f); }
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice d) { return say("cuDevicePrimaryCtxRelease_v2 %d", d); }
#endif
CUresult cuDevicePrimaryCtxRetain(CUcontext *c, CUdevice d) { *c = (void *)(uintptr_t)(0x7000 + d); return 0; }
CUresult cuCtxSetCurrent(CUcontext c) { return say("cuCtxSetCurrent %llx", P c); }
CUresult cuCtxSynchronize(void) { return say("cuCtxSynchronize"); }
CUresult cuMemGetInfo_v2(size_t *f, size_t *t) { *f = 11ull << 33; *t = 22ull << 33; return 0; }

// Options come in pairs: 3 and 4 are a buffer and its size, 5 and 6 another.
static void note(unsigned n, CUjit_option *o, void **v) {
	if (n == 4 && o[0] == 3 && o[1] == 4 && o[2] == 5 && o[3] == 6) {
		snprintf(v[0], (size_t)v[1], "remarks in %zu", (size_t)v[1]);
		snprintf(v[2], (size_t)v[3], "errors in %zu", (size_t)v[3]);
	}
}
CUresult cuModuleLoadDataEx(CUmodule *m, const void *image, unsigned n, CUjit_option *o, void **v) {
	note(n, o, v);
	*m = (void *)0x123456789a;
	return say("cuModuleLoadDataEx %s", (const char *)image);
}
CUresult cuModuleUnload(CUmodule m) { return say("cuModuleUnload %llx", P m); }
CUresult cuModuleGetFunction(CUfunction *f, CUmodule m, const char *s) { *f = (void *)0x55; return say("cuModuleGetFunction %llx %s", P m, s); }
CUresult cuLinkCreate_v2(unsigned n, CUjit_option *o, void **v, CUlinkState *l) { note(n, o, v); *l = (void *)0x66; return 0; }
CUresult cuLinkAddData_v2(CUlinkState l, CUjitInputType t, void *d, size_t n, const char *name, unsigned no, CUjit_option *o, void **v) {
	return say("cuLinkAddData_v2 %llx %d %.*s %s %u %d %d", P l, t, (int)n - 1, (char *)d, name, no, o == NULL, v == NULL);
}
CUresult cuLinkComplete(CUlinkState l, void **p, size_t *n) { static char image[] = "cubin"; *p = image; *n = 5; return say("cuLinkComplete %llx", P l); }
CUresult cuLinkDestroy(CUlinkState l) { return say("cuLinkDestroy %llx", P l); }

CUresult cuMemAlloc_v2(CUdeviceptr *p, size_t n) { *p = 0x7f0000000000ull + n; return 0; }
CUresult cuMemFree_v2(CUdeviceptr p) { return say("cuMemFree_v2 %llx", p); }
#ifndef LACK_pools
CUresult cuMemAllocAsync(CUdeviceptr *p, size_t n, CUstream s) { *p = 0x7e0000000000ull + n; return say("cuMemAllocAsync %llx", P s); }
CUresult cuMemFreeAsync(CUdeviceptr p, CUstream s) { return say("cuMemFreeAsync %llx %llx", p, P s); }
CUresult cuDeviceGetDefaultMemPool(CUmemoryPool *p, CUdevice d) { *p = (void *)(uintptr_t)(0x90 + d); return 0; }
CUresult cuMemPoolTrimTo(CUmemoryPool p, size_t n) { return say("cuMemPoolTrimTo %llx %zu", P p, n); }
CUresult cuMemPoolSetAttribute(CUmemoryPool p, CUmemPool_attribute a, void *v) { return say("cuMemPoolSetAttribute %llx %d %llu", P p, a, *(U *)v); }
#endif
static char host[64];
CUresult cuMemHostAlloc(void **p, size_t n, unsigned flags) { *p = host; return say("cuMemHostAlloc %zu %u", n, flags); }
CUresult cuMemFreeHost(void *p) { return say("cuMemFreeHost %d", p == host); }
CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr *d, void *p, unsigned flags) { *d = 0x88; return say("cuMemHostGetDevicePointer_v2 %d %u", p == host, flags); }
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr d, const void *p, size_t n, CUstream s) { return say("cuMemcpyHtoDAsync_v2 %llx %.*s %llx", d, (int)n, (char *)p, P s); }
CUresult cuMemcpyDtoHAsync_v2(void *p, CUdeviceptr d, size_t n, CUstream s) { memset(p, 'x', n); return say("cuMemcpyDtoHAsync_v2 %llx %zu %llx", d, n, P s); }
CUresult cuMemsetD8Async(CUdeviceptr d, unsigned char v, size_t n, CUstream s) { return say("cuMemsetD8Async %llx %u %zu %llx", d, v, n, P s); }

CUresult cuStreamCreate(CUstream *s, unsigned flags) { *s = (void *)0x51; return say("cuStreamCreate %u", flags); }
CUresult cuStreamDestroy_v2(CUstream s) { return say("cuStreamDestroy_v2 %llx", P s); }
CUresult cuStreamSynchronize(CUstream s) { return say("cuStreamSynchronize %llx", P s); }
CUresult cuStreamWaitEvent(CUstream s, CUevent e, unsigned flags) { return say("cuStreamWaitEvent %llx %llx %u", P s, P e, flags); }
CUresult cuEventCreate(CUevent *e, unsigned flags) { *e = (void *)0x52; return say("cuEventCreate %u", flags); }
CUresult cuEventDestroy_v2(CUevent e) { return say("cuEventDestroy_v2 %llx", P e); }
CUresult cuEventRecord(CUevent e, CUstream s) { return say("cuEventRecord %llx %llx", P e, P s); }
CUresult cuEventQuery(CUevent e) { return say("cuEventQuery %llx", P e); }
CUresult cuEventElapsedTime(float *ms, CUevent a, CUevent b) { *ms = 1.25f; return say("cuEventElapsedTime %llx %llx", P a, P b); }

CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
	unsigned shared, CUstream s, void **params, void **extra) {
	if (extra[0] != (void *)1 || extra[2] != (void *)2 || extra[4] != (void *)0) return 1;
	return say("cuLaunchKernel %llx %u %u %u %u %u %u %u %llx %d %.*s", P f, gx, gy, gz, bx, by, bz, shared, P s, params == NULL,
		(int)*(size_t *)extra[3], (char *)extra[1]);
}
#ifndef LACK_graphs
CUresult cuStreamBeginCapture_v2(CUstream s, CUstreamCaptureMode m) { return say("cuStreamBeginCapture_v2 %llx %d", P s, m); }
CUresult cuStreamEndCapture(CUstream s, CUgraph *g) { *g = (void *)0x53; return say("cuStreamEndCapture %llx", P s); }
CUresult cuGraphInstantiateWithFlags(CUgraphExec *x, CUgraph g, unsigned long long flags) { *x = (void *)0x54; return say("cuGraphInstantiateWithFlags %llx %llu", P g, flags); }
CUresult cuGraphLaunch(CUgraphExec x, CUstream s) { return say("cuGraphLaunch %llx %llx", P x, P s); }
CUresult cuGraphExecDestroy(CUgraphExec x) { return say("cuGraphExecDestroy %llx", P x); }
CUresult cuGraphDestroy(CUgraph g) { return say("cuGraphDestroy %llx", P g); }
#endif
