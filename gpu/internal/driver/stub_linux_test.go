//go:build linux && (amd64 || arm64)

package driver

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
)

// stub compiles testdata/stub.c as the driver's library. The compiler is part of
// what the test needs, as a browser is elsewhere.
func stub(t *testing.T, flags ...string) (c *Calls, said func() string) {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Fatalf("no C compiler (%v): install one (apt install gcc libc6-dev); it builds the stand-in for the driver", err)
	}
	path := filepath.Join(t.TempDir(), "libcuda.so.1")
	args := append([]string{"-shared", "-fPIC", "-O1", "-Wall", "-o", path}, flags...)
	if text, err := exec.Command(cc, append(args, "testdata/stub.c")...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cc, err, text)
	}
	c, err = Load(path)
	if err != nil {
		t.Fatal(err)
	}
	lib, err := purego.Dlopen(path, purego.RTLD_LAZY)
	if err != nil {
		t.Fatal(err)
	}
	words, err := purego.Dlsym(lib, "stub_said")
	if err != nil {
		t.Fatal(err)
	}
	return c, func() string {
		f := new(frame)
		r := (*unsafe.Pointer)(unsafe.Pointer(&f.word[0]))
		v, _, _ := purego.SyscallN(words)
		f.word[0] = uint64(v)
		return gostring(*r)
	}
}

// Each call reaches its function with every argument in its place and brings back
// what it wrote.
func TestCallsReachTheLibrary(t *testing.T) {
	c, said := stub(t)
	log := new(Log)
	buffer, code := c.HostAlloc(64, HostMapped)
	if code != Success || len(buffer) != 64 {
		t.Fatalf("%d bytes, code %d", len(buffer), code)
	}
	into := make([]byte, 3)
	free := func() (string, Code) {
		a, b, code := c.MemInfo()
		return fmt.Sprint(a>>33, b>>33), code
	}
	tried := map[string]bool{"HostAlloc": true}
	// try takes what a call is to return and, where that does not say it all, how
	// it is to reach the library.
	try := func(call, want, reached string) func(got ...any) {
		tried[call] = true
		return func(got ...any) {
			t.Helper()
			if s := strings.TrimSuffix(fmt.Sprintln(got...), "\n"); s != want || reached != "" && said() != reached {
				t.Errorf("%s: %s, reached %q; want %s, reached %q", call, s, said(), want, reached)
			}
		}
	}
	try("Init", "0", "cuInit 0")(c.Init())
	try("Version", "12040 0", "")(c.Version())
	try("ErrorString", "", "")(c.ErrorString(7))
	try("ErrorString", "a stub of an error", "cuGetErrorString 2")(c.ErrorString(2))
	try("DeviceCount", "3 0", "")(c.DeviceCount())
	try("DeviceGet", "42 0", "")(c.DeviceGet(2))
	try("DeviceName", "Stub 42 256 0", "")(c.DeviceName(42))
	try("DeviceUUID", "[1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1] 0", "cuDeviceGetUuid_v2 1")(c.DeviceUUID(1))
	try("DeviceTotalMem", "137438953472 0", "")(c.DeviceTotalMem(2))
	try("DeviceAttribute", "75002 0", "")(c.DeviceAttribute(ComputeMajor, 2))
	try("PrimaryCtxSetFlags", "0", "cuDevicePrimaryCtxSetFlags_v2 2 4")(c.PrimaryCtxSetFlags(2, CtxBlockingSync))
	try("PrimaryCtxRetain", "28674 0", "")(c.PrimaryCtxRetain(2))
	try("PrimaryCtxRelease", "0", "cuDevicePrimaryCtxRelease_v2 2")(c.PrimaryCtxRelease(2))
	try("CtxSetCurrent", "0", "cuCtxSetCurrent 7002")(c.CtxSetCurrent(0x7002))
	try("CtxSynchronize", "0", "cuCtxSynchronize")(c.CtxSynchronize())
	try("MemInfo", "11 22 0", "")(free())
	try("ModuleLoad", "78187493530 0", "cuModuleLoadDataEx image")(c.ModuleLoad([]byte("image\x00"), log))
	try("ModuleUnload", "0", "cuModuleUnload 99")(c.ModuleUnload(0x99))
	try("ModuleGetFunction", "85 0", "cuModuleGetFunction 99 kernel")(c.ModuleGetFunction(0x99, "kernel"))
	try("LinkCreate", "102 0", "")(c.LinkCreate(log))
	try("LinkAddPTX", "0", "cuLinkAddData_v2 66 1 ptx name 0 1 1")(c.LinkAddPTX(0x66, []byte("ptx\x00"), "name"))
	try("LinkComplete", "[99 117 98 105 110] 0", "cuLinkComplete 66")(c.LinkComplete(0x66))
	try("LinkDestroy", "0", "cuLinkDestroy 66")(c.LinkDestroy(0x66))
	try("MemAlloc", "139637976727808 0", "")(c.MemAlloc(256))
	try("MemFree", "0", "cuMemFree_v2 7f0000000100")(c.MemFree(0x7f0000000100))
	try("MemAllocAsync", "138538465100032 0", "cuMemAllocAsync 51")(c.MemAllocAsync(256, 0x51))
	try("MemFreeAsync", "0", "cuMemFreeAsync 7e0000000100 51")(c.MemFreeAsync(0x7e0000000100, 0x51))
	try("DefaultPool", "146 0", "")(c.DefaultPool(2))
	try("PoolTrim", "0", "cuMemPoolTrimTo 92 5")(c.PoolTrim(0x92, 5))
	try("PoolThreshold", "0", "cuMemPoolSetAttribute 92 4 1099511627776")(c.PoolThreshold(0x92, 1<<40))
	try("HostDeviceAddress", "136 0", "cuMemHostGetDevicePointer_v2 1 0")(c.HostDeviceAddress(buffer))
	try("HostFree", "0", "cuMemFreeHost 1")(c.HostFree(buffer))
	try("CopyToDevice", "0", "cuMemcpyHtoDAsync_v2 abc data 51")(c.CopyToDevice(0xabc, []byte("data"), 0x51))
	try("CopyToHost", "0", "cuMemcpyDtoHAsync_v2 abc 3 51")(c.CopyToHost(into, 0xabc, 0x51))
	try("Fill", "0", "cuMemsetD8Async a 7 12 51")(c.Fill(0xa, 7, 12, 0x51))
	try("StreamCreate", "81 0", "cuStreamCreate 1")(c.StreamCreate(StreamNonBlocking))
	try("StreamDestroy", "0", "cuStreamDestroy_v2 51")(c.StreamDestroy(0x51))
	try("StreamSynchronize", "0", "cuStreamSynchronize 51")(c.StreamSynchronize(0x51))
	try("StreamWaitEvent", "0", "cuStreamWaitEvent 51 52 0")(c.StreamWaitEvent(0x51, 0x52))
	try("EventCreate", "82 0", "cuEventCreate 2")(c.EventCreate(EventDisableTiming))
	try("EventDestroy", "0", "cuEventDestroy_v2 52")(c.EventDestroy(0x52))
	try("EventRecord", "0", "cuEventRecord 52 51")(c.EventRecord(0x52, 0x51))
	try("EventQuery", "0", "cuEventQuery 52")(c.EventQuery(0x52))
	try("EventElapsed", "1.25 0", "cuEventElapsedTime 52 5")(c.EventElapsed(0x52, 0x5))
	try("Launch", "0", "cuLaunchKernel 55 1 2 3 4 5 6 7 51 1 parameters")(c.Launch(&Launch{0x55, [3]uint32{1, 2, 3}, [3]uint32{4, 5, 6}, 7, 0x51, []byte("parameters")}))
	try("CaptureBegin", "0", "cuStreamBeginCapture_v2 51 1")(c.CaptureBegin(0x51))
	try("CaptureEnd", "83 0", "cuStreamEndCapture 51")(c.CaptureEnd(0x51))
	try("GraphInstantiate", "84 0", "cuGraphInstantiateWithFlags 53 0")(c.GraphInstantiate(0x53))
	try("GraphLaunch", "0", "cuGraphLaunch 54 51")(c.GraphLaunch(0x54, 0x51))
	try("GraphExecDestroy", "0", "cuGraphExecDestroy 54")(c.GraphExecDestroy(0x54))
	try("GraphDestroy", "0", "cuGraphDestroy 53")(c.GraphDestroy(0x53))
	for f := range reflect.TypeFor[Calls]().Fields() {
		if !tried[f.Name] {
			t.Errorf("%s is tried by no case", f.Name)
		}
	}
	if string(into) != "xxx" {
		t.Errorf("copied %q", into)
	}
	if log.String() != "errors in 8192" {
		t.Errorf("log %q", log)
	}
}

func TestOlderDriversLackCalls(t *testing.T) {
	c, said := stub(t, "-DLACK_pools", "-DLACK_graphs", "-DLACK_uuid_v2", "-DLACK_context_v2")
	if c.MemAllocAsync != nil || c.PoolTrim != nil || c.GraphLaunch != nil || c.CaptureBegin != nil {
		t.Error("a call that the library lacks is there")
	}
	if _, code := c.DeviceUUID(1); code != Success || said() != "cuDeviceGetUuid 1" {
		t.Errorf("code %d, said %q", code, said())
	}
	if code := c.PrimaryCtxSetFlags(1, CtxBlockingSync); code != Success || said() != "cuDevicePrimaryCtxSetFlags 1 4" {
		t.Errorf("code %d, said %q", code, said())
	}
	if code := c.PrimaryCtxRelease(1); code != Success || said() != "cuDevicePrimaryCtxRelease 1" {
		t.Errorf("code %d, said %q", code, said())
	}
}

func TestLibraryThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ reason, library, want string }{
		{"nothing there", "/nowhere/libcuda.so.1", "no NVIDIA driver was found"},
		{"no library", file, "could not be opened"},
		{"another library", "libc.so.6", "lacks cuInit, cuDriverGetVersion"},
	} {
		if calls, err := Load(c.library); err == nil || calls != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.reason, err, c.want)
		}
	}
}

func TestLaunchAllocatesNothing(t *testing.T) {
	c, _ := stub(t)
	l := &Launch{Function: 1, Grid: [3]uint32{1, 1, 1}, Block: [3]uint32{1, 1, 1}, Params: make([]byte, 72)}
	if n := testing.AllocsPerRun(200, func() { c.Launch(l) }); n != 0 {
		t.Errorf("%v allocations a launch", n)
	}
	if n := testing.AllocsPerRun(200, func() { c.CtxSetCurrent(1); c.EventRecord(1, 2); c.CopyToDevice(1, l.Params, 1) }); n != 0 {
		t.Errorf("%v allocations in three calls", n)
	}
}

func BenchmarkLaunch(b *testing.B) {
	c, _ := stub(&testing.T{})
	l := &Launch{Function: 1, Params: make([]byte, 72)}
	for b.Loop() {
		c.Launch(l)
	}
}
