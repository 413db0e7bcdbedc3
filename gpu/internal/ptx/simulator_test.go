package ptx_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/ptx"
)

// session is a simulator and its calls, with a stream and the kernels of small.
type session struct {
	*testing.T
	*driver.Calls
	s      *ptx.Simulator
	stream driver.Stream
}

func newSession(t *testing.T) *session {
	t.Helper()
	s := &session{T: t, s: &ptx.Simulator{}}
	s.Calls = s.s.Calls()
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	s.ok(s.Init())
	_, code := s.PrimaryCtxRetain(0)
	s.ok(code)
	s.stream, code = s.StreamCreate(driver.StreamNonBlocking)
	s.ok(code)
	return s
}

func (s *session) ok(code driver.Code) {
	s.Helper()
	if code != driver.Success {
		s.Fatal(s.Err("a call", code))
	}
}

// doubler doubles the words of a buffer of 64.
const doubler = ".version 7.0\n.target sm_80\n.address_size 64\n.visible .entry k(.param .u64 p) .maxntid 64, 1, 1 { .reg .b32 %r<3>; .reg .b64 %rd<3>; ld.param.u64 %rd1, [p]; mov.u32 %r1, %tid.x; mul.wide.u32 %rd2, %r1, 4; add.s64 %rd1, %rd1, %rd2; ld.global.u32 %r2, [%rd1]; add.s32 %r2, %r2, %r2; st.global.u32 [%rd1], %r2; ret; }"

func (s *session) load(text string) driver.Function {
	s.Helper()
	m, code := s.ModuleLoad(append([]byte(text), 0), new(driver.Log))
	s.ok(code)
	f, code := s.ModuleGetFunction(m, "k")
	s.ok(code)
	return f
}

func (s *session) launch(f driver.Function, at driver.Address) driver.Code {
	return s.Launch(&driver.Launch{Function: f, Grid: [3]uint32{1, 1, 1}, Block: [3]uint32{64, 1, 1}, Stream: s.stream, Params: binary.LittleEndian.AppendUint64(nil, uint64(at))})
}

// Work is done in its order, as late as it may be.
func TestSimulatorIsADriver(t *testing.T) {
	s := newSession(t)
	f := s.load(doubler)
	a, code := s.MemAllocAsync(256, s.stream)
	s.ok(code)
	in, out := make([]byte, 256), make([]byte, 256)
	for i := range 64 {
		in[4*i] = byte(i)
	}
	s.ok(s.CopyToDevice(a, in, s.stream))
	s.ok(s.launch(f, a))
	s.ok(s.CopyToHost(out, a, s.stream))
	in[4] = 7 // too early: the copy reads it now
	if out[8] != 0 {
		t.Error("work was done before anybody asked for it")
	}
	s.ok(s.StreamSynchronize(s.stream))
	if out[8] != 4 || out[4] != 14 {
		t.Errorf("got %v: words 1 and 2 are 14, since the host changed it, and 4", out[:12])
	}
	event, code := s.EventCreate(0)
	s.ok(code)
	other, code := s.StreamCreate(0)
	s.ok(code)
	s.ok(s.launch(f, a))
	s.ok(s.EventRecord(event, s.stream))
	s.ok(s.StreamWaitEvent(other, event))
	s.ok(s.CopyToHost(out, a, other))
	if s.EventQuery(event) != driver.NotReady {
		t.Error("an event passes before it is asked for")
	}
	s.ok(s.StreamSynchronize(other))
	if s.EventQuery(event) != driver.Success || out[8] != 8 {
		t.Errorf("got %v: the copy waits for the kernel in the other stream", out[:12])
	}
	s.ok(s.CaptureBegin(s.stream))
	s.ok(s.launch(f, a))
	s.ok(s.launch(f, a))
	g, code := s.CaptureEnd(s.stream)
	s.ok(code)
	x, code := s.GraphInstantiate(g)
	s.ok(code)
	s.ok(s.GraphLaunch(x, s.stream))
	s.ok(s.CopyToHost(out, a, s.stream))
	s.ok(s.CtxSynchronize())
	if out[8] != 32 {
		t.Errorf("got %v: a graph of two launches ran once", out[:12])
	}
	s.ok(s.MemFreeAsync(a, s.stream))
	for _, code := range []driver.Code{s.GraphExecDestroy(x), s.GraphDestroy(g), s.EventDestroy(event), s.StreamDestroy(other), s.StreamDestroy(s.stream), s.PrimaryCtxRelease(0)} {
		s.ok(code)
	}
	if live := s.s.Live(); len(live) != 1 || live["modules"] != 1 {
		t.Errorf("left over: %v, want the module alone", live)
	}
}

func TestSimulatorSaysWhatWentWrong(t *testing.T) {
	s := newSession(t)
	f := s.load(doubler)
	a, code := s.MemAlloc(252)
	s.ok(code)
	s.ok(s.Fill(a, 1, 252, s.stream))
	s.ok(s.launch(f, a)) // the fault comes later
	if code := s.StreamSynchronize(s.stream); code != driver.IllegalAddress || !strings.Contains(s.ErrorString(code), "thread 63") || !strings.Contains(s.ErrorString(code), "ld.global.u32") {
		t.Errorf("got %d, %q: the last word lies behind the buffer", code, s.ErrorString(code))
	}
	if _, code := s.MemAlloc(1); code != driver.IllegalAddress {
		t.Errorf("got %d: the context is lost", code)
	}
}

func TestSimulatorRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(s *session) driver.Code
		want driver.Code
	}{
		{"image without end", func(s *session) driver.Code { _, c := s.ModuleLoad([]byte(doubler), nil); return c }, driver.InvalidImage},
		{"nonsense", func(s *session) driver.Code { _, c := s.ModuleLoad([]byte("?\x00"), new(driver.Log)); return c }, driver.InvalidPTX},
		{"too new a version", func(s *session) driver.Code {
			_, c := s.ModuleLoad([]byte(strings.Replace(doubler, "7.0", "9.0", 1)+"\x00"), nil)
			return c
		}, driver.UnsupportedPTXVersion},
		{"another device", func(s *session) driver.Code {
			_, c := s.ModuleLoad([]byte(strings.Replace(doubler, "sm_80", "sm_90a", 1)+"\x00"), nil)
			return c
		}, driver.NoBinaryForGPU},
		{"too much", func(s *session) driver.Code { _, c := s.MemAlloc(5 << 30); return c }, driver.OutOfMemory},
		{"freed twice", func(s *session) driver.Code { a, _ := s.MemAlloc(8); s.MemFree(a); return s.MemFree(a) }, driver.InvalidValue},
		{"stream freed twice", func(s *session) driver.Code { s.StreamDestroy(s.stream); return s.StreamDestroy(s.stream) }, driver.InvalidHandle},
		{"launch in no stream", func(s *session) driver.Code { f := s.load(doubler); s.stream = 0; return s.launch(f, 0) }, driver.InvalidHandle},
		{"too many threads", func(s *session) driver.Code {
			return s.Launch(&driver.Launch{Function: s.load(doubler), Grid: [3]uint32{1, 1, 1}, Block: [3]uint32{128, 1, 1}, Stream: s.stream, Params: make([]byte, 8)})
		}, driver.InvalidValue},
		{"a copy of what nobody wrote", func(s *session) driver.Code {
			a, _ := s.MemAlloc(8)
			s.ok(s.CopyToHost(make([]byte, 8), a, s.stream))
			return s.StreamSynchronize(s.stream)
		}, driver.IllegalAddress},
	} {
		if got := c.do(newSession(t)); got != c.want {
			t.Errorf("%s: code %d, want %d", c.name, got, c.want)
		}
	}
}

// Memory of the host that the device reads in place.
func TestSimulatorReadsTheHost(t *testing.T) {
	s := newSession(t)
	b, code := s.HostAlloc(256, driver.HostMapped)
	s.ok(code)
	a, code := s.HostDeviceAddress(b)
	s.ok(code)
	b[4] = 3
	s.ok(s.launch(s.load(doubler), a))
	s.ok(s.StreamSynchronize(s.stream))
	if b[4] != 6 {
		t.Error("the device did not write to the host's memory")
	}
	s.ok(s.HostFree(b))
	if s.s.Live()["host allocations"] != 0 {
		t.Error("host memory is left over")
	}
}

// A stream waits for what an event stood for when it was told to, though the event
// is recorded in another stream since.
func TestWaitIsForTheRecordOfItsTime(t *testing.T) {
	s := newSession(t)
	f := s.load(doubler)
	a, code := s.MemAlloc(256)
	s.ok(code)
	s.ok(s.CopyToDevice(a, slices.Repeat([]byte{1, 0, 0, 0}, 64), s.stream))
	event, code := s.EventCreate(0)
	s.ok(code)
	other, code := s.StreamCreate(0)
	s.ok(code)
	s.ok(s.launch(f, a))
	s.ok(s.EventRecord(event, s.stream))
	s.ok(s.StreamWaitEvent(other, event))
	out := make([]byte, 256)
	s.ok(s.CopyToHost(out, a, other))
	s.ok(s.EventRecord(event, other))
	for code := driver.NotReady; code == driver.NotReady; {
		if code = s.EventQuery(event); code != driver.NotReady {
			s.ok(code)
		}
	}
	if out[0] != 2 {
		t.Errorf("got %d: the copy waits for the kernel", out[0])
	}
}
