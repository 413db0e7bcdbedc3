package device

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/driver/drivertest"
)

func TestClassesWasteLittle(t *testing.T) {
	last := uint64(0)
	for n := uint64(1); n < 1<<42; n += 1 + n/7 {
		c := class(n)
		if c < n || c%256 != 0 || c > n+max(256, n/8) || c < last || class(c) != c {
			t.Fatalf("class(%d) = %d, before it %d", n, c, last)
		}
		last = c
	}
}

// within runs f in a Do on an arena.
func within(t *testing.T, d *Device, name string, f func(*Thread, *Arena) error) error {
	t.Helper()
	return d.Do(func(th *Thread) error {
		a, err := th.Arena(name)
		if err != nil {
			return err
		}
		defer a.Close()
		return f(th, a)
	})
}

func TestMemoryIsUsedAgain(t *testing.T) {
	f := new(drivertest.Fake)
	d := open(t, f, Options{})
	f.Hold() // no event passes
	var first, same driver.Address
	var own *Stream
	alloc := func(to *driver.Address, n int) func(*Thread, *Arena) error {
		return func(th *Thread, a *Arena) error {
			own = a.Stream
			b, err := Alloc[uint8](th, a, n)
			*to = b.address
			return err
		}
	}
	if err := within(t, d, "a", alloc(&first, 5000)); err != nil {
		t.Fatal(err)
	}
	stream := own
	if err := within(t, d, "b", alloc(&same, 4999)); err != nil || same != first || own != stream {
		t.Errorf("on its own stream: %v, had %v, %v", same, first, err)
	}
	// Another stream may have it only when its use is over.
	other := func(th *Thread, a *Arena) error {
		s, err := th.Stream()
		if err != nil {
			return err
		}
		defer s.Release()
		return within(t, d, "c", alloc(&same, 5000))
	}
	if err := within(t, d, "holds the stream", other); err != nil || same == first || own == stream {
		t.Errorf("on another stream while it is in use: %v, had %v, %v", same, first, err)
	}
	f.LetGo()
	second := same
	if err := within(t, d, "holds the stream", other); err != nil || same != first && same != second {
		t.Errorf("on another stream afterwards: %v, had %v and %v, %v", same, first, second, err)
	}
	if f.Called("MemAllocAsync") != 2 {
		t.Errorf("%d allocations", f.Called("MemAllocAsync"))
	}
}

func TestBudgetIsKept(t *testing.T) {
	for _, noPools := range []bool{false, true} {
		f := &drivertest.Fake{NoPools: noPools}
		d := open(t, f, Options{Budget: 10 << 20})
		err := within(t, d, "cell 7", func(th *Thread, a *Arena) error {
			if _, err := Alloc[float64](th, a, 1<<20); err != nil {
				return err
			}
			return within(t, d, "cell 8", func(th *Thread, a *Arena) error {
				if _, err := Alloc[uint8](th, a, 1<<20); err != nil {
					return err
				}
				_, err := Alloc[uint8](th, a, 3<<20)
				return err
			})
		})
		var memory *MemoryError
		if !errors.As(err, &memory) || !errors.Is(err, ErrOutOfMemory) {
			t.Fatal(err)
		}
		if !slices.Equal(memory.Holders, []Holder{{"cell 7", 8 << 20}, {"cell 8", 1 << 20}}) || memory.Wanted != 3<<20 || memory.InUse != 9<<20 || memory.Budget != 10<<20 {
			t.Errorf("%+v", memory)
		}
		if want := "3.0 MiB more were wanted, 9.0 MiB of a budget of 10.0 MiB are in use; cell 7 holds 8.0 MiB, cell 8 holds 1.0 MiB"; !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		// What was kept of other sizes makes room.
		for n := 1 << 20; n < 10<<20; n += 1 << 20 {
			if err := within(t, d, "again", func(th *Thread, a *Arena) error { _, err := Alloc[uint8](th, a, n); return err }); err != nil {
				t.Errorf("%d bytes after smaller ones: %v", n, err)
			}
		}
		if s := d.Stats(); s.InUse != 0 || s.Kept > s.Budget || s.Peak != 9<<20 {
			t.Errorf("%+v", s)
		}
	}
}

// A driver that has no memory left, although the budget has: what is kept goes
// back to it, then it is asked once more.
func TestMemoryIsGivenBackBeforeItFails(t *testing.T) {
	f := &drivertest.Fake{Memory: 8 << 20}
	d := open(t, f, Options{Budget: 1 << 30})
	alloc := func(n int) error {
		return within(t, d, "x", func(th *Thread, a *Arena) error { _, err := Alloc[uint8](th, a, n); return err })
	}
	if err := errors.Join(alloc(3<<20), alloc(2<<20), alloc(6<<20)); err != nil {
		t.Fatal(err)
	}
	if f.Called("PoolTrim") != 1 {
		t.Errorf("%d trims", f.Called("PoolTrim"))
	}
	err := alloc(9 << 20)
	if !errors.Is(err, ErrOutOfMemory) || !errors.Is(err, &driver.Error{Code: driver.OutOfMemory}) || !strings.Contains(err.Error(), "8.0 MiB of the device are free") {
		t.Error(err)
	}
	if err := alloc(8 << 20); err != nil {
		t.Errorf("after a failure: %v", err)
	}
}

func TestBuffersOfNothingAndOfTooMuch(t *testing.T) {
	f := new(drivertest.Fake)
	d := open(t, f, Options{})
	if err := within(t, d, "x", func(th *Thread, a *Arena) error {
		b, err := Upload(th, a, []float32{})
		if err != nil || b.Address() != 0 || b.Len() != 0 {
			t.Errorf("nothing: %+v, %v", b, err)
		}
		if err := errors.Join(Zero(th, a.Stream, b), Download(t.Context(), th, a.Stream, nil, b)); err != nil {
			t.Errorf("nothing: %v", err)
		}
		for _, n := range []int{-1, 1 << 62} {
			if _, err := Alloc[float64](th, a, n); err == nil {
				t.Errorf("%d values", n)
			}
		}
		if b, err = Upload(th, a, []float32{1, 2, 3, 4}); err != nil {
			return err
		}
		if err := Write(th, a.Stream, b, []float32{1}); err == nil {
			t.Error("one value into four")
		}
		if err := Download(t.Context(), th, a.Stream, make([]float32, 5), b); err == nil {
			t.Error("four values into five")
		}
		got := make([]float32, 2)
		if err := Download(t.Context(), th, a.Stream, got, b.Slice(1, 3)); err != nil || !slices.Equal(got, []float32{2, 3}) {
			t.Errorf("a slice: %v, %v", got, err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// Slices go one behind the other, whatever pieces they are copied in, and stay as
// they are.
func TestWriteJoinsSlices(t *testing.T) {
	d := open(t, new(drivertest.Fake), Options{}) // pieces of 1 KiB
	if err := within(t, d, "x", func(th *Thread, a *Arena) error {
		var parts [][]int32
		var want []int32
		for _, n := range []int{0, 3, 700, 0, 1, 256, 0} {
			part := make([]int32, n)
			for i := range part {
				part[i] = int32(len(want) + i)
			}
			parts, want = append(parts, part), append(want, part...)
		}
		b, err := Upload(th, a, parts...)
		if err != nil {
			return err
		}
		got := make([]int32, len(want))
		if err := Download(t.Context(), th, a.Stream, got, b); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v, %v", got, err)
		}
		if !slices.Equal(slices.Concat(parts...), want) || len(parts[2]) != 700 {
			t.Error("the slices have changed")
		}
		next := 0
		if err := WriteBy(th, a.Stream, b, func(from int, to []int32) {
			if from != next {
				t.Errorf("values from %d on, want from %d", from, next)
			}
			next += len(to)
			for i := range to {
				to[i] = -int32(from + i)
			}
		}); err != nil {
			return err
		}
		if err := Download(t.Context(), th, a.Stream, got, b); err != nil {
			return err
		}
		for i, v := range got {
			if v != -int32(i) {
				t.Fatalf("value %d is %d", i, v)
			}
		}
		if w := As[uint64](b); w.Len() != len(want)/2 || w.Address() != b.Address() {
			t.Errorf("as words: %+v of %+v", w, b)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// As long as the device is behind, what comes next is written to other memory, up to
// so many pieces, and nobody waits.
func TestWritesDoNotWaitForEachOther(t *testing.T) {
	f := new(drivertest.Fake)
	d := open(t, f, Options{})
	if err := within(t, d, "x", func(th *Thread, a *Arena) error {
		f.Hold()
		defer f.LetGo()
		b, err := Alloc[uint8](th, a, 100)
		if err != nil {
			return err
		}
		for n := range pieces {
			if err := Write(th, a.Stream, b, make([]byte, 100)); err != nil {
				return err
			}
			if got := f.Called("HostAlloc"); got != n+1 {
				t.Errorf("after %d writes there are %d pieces", n+1, got)
			}
		}
		f.LetGo()
		return Write(th, a.Stream, b, make([]byte, 100)) // one of them again
	}); err != nil {
		t.Fatal(err)
	}
	if got := f.Called("HostAlloc"); got != pieces {
		t.Errorf("%d pieces, at most %d are wanted", got, pieces)
	}
}

// What has been used is used again, though there is other memory.
func TestWritesGoThroughTheSameMemory(t *testing.T) {
	f := new(drivertest.Fake)
	d := open(t, f, Options{})
	if err := within(t, d, "x", func(th *Thread, a *Arena) error {
		b, err := Alloc[uint8](th, a, 100)
		if err != nil {
			return err
		}
		var through []*uint8
		write := func() error {
			return WriteBy(th, a.Stream, b, func(_ int, to []uint8) { through = append(through, &to[0]) })
		}
		f.Hold()
		defer f.LetGo()
		for range 3 { // the device is behind
			err = errors.Join(err, write())
		}
		f.LetGo()
		for range 3 {
			err = errors.Join(err, write())
		}
		if through[0] == through[1] || through[1] == through[2] || through[0] == through[2] {
			t.Error("memory is written to that the device reads")
		}
		if through[3] != through[0] || through[4] != through[0] || through[5] != through[0] {
			t.Errorf("through %p, %p and %p, want %p", through[3], through[4], through[5], through[0])
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// Goroutines that wait for a large download take it, whether they are still awake or
// have gone to sleep, and are gone when it is over or has failed.
func TestLargeDownloadsAreTaken(t *testing.T) {
	f := new(drivertest.Fake)
	d := open(t, f, Options{})
	d.staging.bytes = pieceBytes
	if err := within(t, d, "x", func(th *Thread, a *Arena) error {
		const n = 3*pieceBytes + 5
		src := make([]uint8, n)
		for i := range src {
			src[i] = uint8(i * 7 >> 3)
		}
		b, err := Upload(th, a, src)
		if err != nil {
			return err
		}
		for _, late := range []time.Duration{0, stayAwake / 2, 20 * stayAwake} {
			if late > 0 {
				f.Hold()
				time.AfterFunc(late, f.LetGo)
			}
			got := make([]uint8, n)
			if err := Download(t.Context(), th, a.Stream, got, b); err != nil || !slices.Equal(got, src) {
				t.Errorf("after %v: %v", late, err)
			}
		}
		before := runtime.NumGoroutine()
		f.Fail = func(call string, n int) driver.Code {
			if call == "CopyToHost" {
				return driver.InvalidValue
			}
			return driver.Success
		}
		if err := Download(t.Context(), th, a.Stream, make([]uint8, n), b); err == nil {
			t.Error("a copy that failed is not told of")
		}
		f.Fail = nil
		for begin := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
			if time.Since(begin) > 10*time.Second {
				t.Fatalf("%d goroutines, before it %d", runtime.NumGoroutine(), before)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// What a part of an arena gave back the next one has, on the same stream.
func TestPartsOfAnArena(t *testing.T) {
	f := new(drivertest.Fake)
	d := open(t, f, Options{})
	if err := within(t, d, "whole", func(th *Thread, a *Arena) error {
		f.Hold() // the device is behind with everything
		defer f.LetGo()
		var first Buffer[uint8]
		for i := range 3 {
			p := a.Part(th)
			b, err := Alloc[uint8](th, p, 5000)
			if err != nil {
				return err
			}
			if i == 0 {
				first = b
			}
			if b != first || p.Stream != a.Stream {
				t.Errorf("part %d has other memory, or another stream", i)
			}
			if err := errors.Join(p.Close(), p.Close()); err != nil {
				return err
			}
		}
		other, err := th.Arena("another")
		if err != nil {
			return err
		}
		defer other.Close()
		if other.Stream == a.Stream {
			t.Error("a part gave away the stream of its arena")
		}
		if b, err := Alloc[uint8](th, other, 5000); err != nil || b == first {
			t.Errorf("another stream has memory that is in use: %v", err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n := d.Stats().InUse; n != 0 {
		t.Errorf("%d bytes in use", n)
	}
}

// An arena that nobody closed is closed at a later Do.
func TestLeakedArenasAreClosed(t *testing.T) {
	d := open(t, new(drivertest.Fake), Options{})
	if err := d.Do(func(th *Thread) error {
		a, err := th.Arena("leak")
		if err != nil {
			return err
		}
		_, err = Alloc[uint8](th, a, 1000)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); d.Stats().Leaked == 0; runtime.GC() {
		if time.Since(begin) > 10*time.Second {
			t.Fatal("the leak was never seen")
		}
	}
	if err := d.Do(func(*Thread) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if s := d.Stats(); s.InUse != 0 || s.Leaked != 1 || s.Kept == 0 {
		t.Errorf("%+v", s)
	}
}

func ExampleMemoryError() {
	fmt.Println(&MemoryError{Wanted: 3 << 30, InUse: 60 << 30, Budget: 62 << 30, Holders: []Holder{{"cell 3", 59 << 30}}})
	// Output: gpu: 3.0 GiB more were wanted, 60.0 GiB of a budget of 62.0 GiB are in use; cell 3 holds 59.0 GiB: use smaller batches, or free what earlier work holds
}
