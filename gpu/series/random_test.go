package series

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSplitMix(t *testing.T) {
	// The first outputs for the seed 1234567, as the generator's authors' C
	// program prints them.
	s := splitMix(1234567)
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		if got := s.next(); got != want {
			t.Errorf("output %d is %d, want %d", i, got, want)
		}
	}
}

// Ordering s is what one gets by drawing all orderings one after the other.
func TestPermutationsAreOneStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, count := rapid.IntRange(1, 40).Draw(t, "n"), rapid.IntRange(0, 6).Draw(t, "count")
		seed := rapid.Uint64().Draw(t, "seed")
		o, err := Surrogates{Kind: Permutation, Count: count, Seed: seed}.Over([]int{n}, 0)
		if err != nil || o.Len() != count {
			t.Fatal(o.Len(), err)
		}
		stream := splitMix(seed)
		for s := range count {
			want := make([]int32, n)
			for i := range want {
				want[i] = int32(i)
			}
			for i := n - 1; i > 0; i-- {
				j := stream.next() % uint64(i+1)
				want[i], want[j] = want[j], want[i]
			}
			if !slices.Equal(o.At(s), want) {
				t.Fatalf("ordering %d is %v, want %v", s, o.At(s), want)
			}
		}
	})
}

func TestCircularShifts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.IntRange(0, 4).Draw(t, "window")
		trials := rapid.SliceOfN(rapid.IntRange(2*w+2, 40), 1, 3).Draw(t, "trials")
		count := rapid.IntRange(0, 50).Draw(t, "count")
		o, err := Surrogates{Count: count, Seed: rapid.Uint64().Draw(t, "seed")}.Over(trials, w)
		if err != nil {
			t.Fatal(err)
		}
		if want := min(count, slices.Min(trials)-2*w-1); o.Len() != want {
			t.Fatalf("%d orderings, want %d", o.Len(), want)
		}
		seen := make([]map[int]bool, len(trials))
		for s := range o.Len() {
			a, start := o.At(s), 0
			for k, n := range trials {
				shift := int(a[start]) - start
				if shift < w+1 || shift > n-w-1 {
					t.Fatalf("trial %d of %d rows is shifted by %d with a window of %d", k, n, shift, w)
				}
				if seen[k] == nil {
					seen[k] = map[int]bool{}
				}
				if seen[k][shift] {
					t.Fatalf("trial %d: %d comes twice", k, shift)
				}
				seen[k][shift] = true
				for i := range n {
					if int(a[start+i]) != start+(i+shift)%n {
						t.Fatalf("row %d takes row %d", start+i, a[start+i])
					}
				}
				start += n
			}
		}
	})
}

func TestAllCircularShiftsOccur(t *testing.T) {
	o, err := Surrogates{Count: 1000, Seed: 3}.Over([]int{20}, 2)
	if err != nil || o.Len() != 15 {
		t.Fatal(o.Len(), err)
	}
	var shifts []int32
	for s := range o.Len() {
		shifts = append(shifts, o.At(s)[0])
	}
	slices.Sort(shifts)
	for i, s := range shifts {
		if int(s) != 3+i {
			t.Errorf("shifts %v, want 3 to 17", shifts)
		}
	}
}

func TestSurrogateErrors(t *testing.T) {
	var shift *ShiftError
	if _, err := (Surrogates{Count: 1}).Over([]int{30, 7}, 3); !errors.As(err, &shift) || shift.Trial != 1 || shift.Rows != 7 {
		t.Errorf("a trial that the window fills: %v", err)
	}
	for _, s := range []Surrogates{{Count: -1}, {Kind: 7}} {
		if _, err := s.Over([]int{30}, 0); err == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
}

func TestJitter(t *testing.T) {
	x := make([]float64, 20000)
	for i := range x {
		x[i] = float64(i % 7) // sd 2
	}
	r, err := New(Column{Name: "x", Values: x}, Column{Name: "flat", Values: make([]float64, len(x))})
	if err != nil {
		t.Fatal(err)
	}
	noisy := r.Jitter(1e-3, 5)
	a, _ := noisy.Column("x")
	diff := make([]float64, len(x))
	for i := range x {
		diff[i] = a.Values[i] - x[i]
		if !(math.Abs(diff[i]) <= 1e-3*2*math.Sqrt(3)*1.001) {
			t.Fatalf("noise of %v", diff[i])
		}
	}
	// The standard error of a standard deviation of 20,000 uniform numbers is
	// 0.32 %.
	if mean, sd := moments(diff); !(math.Abs(sd-2e-3) <= 2e-5) || !(math.Abs(mean) <= 6e-5) {
		t.Errorf("noise of mean %v and sd %v, want 0 and 0.002", mean, sd)
	}
	if Ties(a.Values) != 0 {
		t.Error("ties are left")
	}
	if f, _ := noisy.Column("flat"); f.Values[0] != 0 {
		t.Error("a constant column has no spread and gets no noise")
	}
	if again, _ := r.Jitter(1e-3, 5).Column("x"); !slices.Equal(again.Values, a.Values) {
		t.Error("the same seed gives other noise")
	}
	if other, _ := r.Jitter(1e-3, 6).Column("x"); slices.Equal(other.Values, a.Values) {
		t.Error("another seed gives the same noise")
	}
}

func TestTies(t *testing.T) {
	for _, c := range []struct {
		x      []float64
		want   float64
		reason string
	}{
		{nil, 0, "nothing"},
		{[]float64{1, 2, 3}, 0, "all different"},
		{[]float64{1, 2, 1, 3}, 0.5, "both of a pair count"},
		{[]float64{5, 5, 5}, 1, "a constant"},
		{[]float64{0, math.Copysign(0, -1)}, 1, "−0 is 0"},
	} {
		if got := Ties(c.x); got != c.want {
			t.Errorf("%s: %v, want %v", c.reason, got, c.want)
		}
	}
}

// The share is that of values with an equal one among all others.
func TestTiesAreCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 {
			return float64(rapid.IntRange(-40, 40).Draw(t, "v")) * rapid.SampledFrom([]float64{0.1, 1, 1e200, 1e-310}).Draw(t, "scale")
		}), 1, 60).Draw(t, "x")
		tied := 0
		for i, v := range x {
			for j, w := range x {
				if i != j && v == w {
					tied++
					break
				}
			}
		}
		if got, want := Ties(x), float64(tied)/float64(len(x)); got != want {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func TestZScore(t *testing.T) {
	for _, c := range []struct {
		reason  string
		x, want []float64
	}{
		{"mean 3, variance (4+1+0+1+4)/4", []float64{1, 2, 3, 4, 5}, []float64{-2 / math.Sqrt(2.5), -1 / math.Sqrt(2.5), 0, 1 / math.Sqrt(2.5), 2 / math.Sqrt(2.5)}},
		{"a constant is left alone", []float64{7, 7, 7}, []float64{0, 0, 0}},
		{"one value", []float64{7}, []float64{0}},
		{"nothing", nil, nil},
		{"squares that overflow", []float64{1e300, 2e300, 3e300}, []float64{-1, 0, 1}},
		{"squares that vanish", []float64{1e-300, 2e-300, 3e-300}, []float64{-1, 0, 1}},
		{"denormal numbers", []float64{5e-324, 1e-323, 1.5e-323}, []float64{-1, 0, 1}},
		{"a sum that overflows", []float64{-1.7e308, 0, 1.7e308}, []float64{-1, 0, 1}},
	} {
		got := ZScore(c.x)
		if len(got) != len(c.want) {
			t.Fatalf("%s: %v", c.reason, got)
		}
		for i := range got {
			if !(math.Abs(got[i]-c.want[i]) <= 1e-14) {
				t.Errorf("%s: %v, want %v", c.reason, got, c.want)
				break
			}
		}
	}
}
