package prim

import (
	"math"
	"math/big"
	"slices"
	"sync"
	"testing"
)

// gamma to 60 places: OEIS A001620.
const gamma = "0.577215664901532860606512090082402431042159335939923598805767"

// TestPsiIsRoundedCorrectly holds the table against harmonic numbers in 200
// bits.
func TestPsiIsRoundedCorrectly(t *testing.T) {
	const n = 200_000
	psi, _, err := big.ParseFloat("-"+gamma, 10, 200, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	got, fixed := Psi(n), PsiFixed(n)
	one := big.NewFloat(1).SetPrec(200)
	for i := 1; i <= n; i++ {
		want, _ := psi.Float64()
		if got[i] != want {
			t.Fatalf("ψ(%d) = %v, want %v", i, got[i], want)
		}
		if math.Abs(float64(fixed[i])-math.Ldexp(want, FixedBits)) > 0.5 || FromFixed(fixed[i]) != math.RoundToEven(want*(1<<38))/(1<<38) {
			t.Fatalf("fixed ψ(%d) = %d, want %v", i, fixed[i], want*(1<<38))
		}
		term := new(big.Float).SetPrec(200).Quo(one, new(big.Float).SetPrec(200).SetInt64(int64(i)))
		psi.Add(psi, term)
	}
}

// TestPsiAtLargeArguments holds the end of a long table against the asymptotic
// series ln x − 1/(2x) − 1/(12x²) (Abramowitz and Stegun 6.3.18), whose next
// term is below 10^-25 there.
func TestPsiAtLargeArguments(t *testing.T) {
	psi := Psi(1 << 21)
	for _, n := range []int{1 << 19, 1_000_000, 1 << 20, 1 << 21} {
		x := float64(n)
		want := math.Log(x) - 1/(2*x) - 1/(12*x*x)
		if !(math.Abs(psi[n]-want) <= 4e-15) {
			t.Errorf("ψ(%d) = %.17g, want %.17g", n, psi[n], want)
		}
	}
}

// Tables of several lengths, in any order and at once, are parts of one, and nobody's
// changes show in another's.
func TestPsiIsTheSameInAnyOrder(t *testing.T) {
	want := Psi(3000)
	var all sync.WaitGroup
	for _, n := range []int{7, 5000, 0, 3000, 1, 4999, mostKnown + 3} {
		all.Go(func() {
			psi, fixed := Psi(n), PsiFixed(n)
			for i := 1; i <= min(n, 3000); i++ {
				if psi[i] != want[i] || fixed[i] != Fixed(want[i]) {
					t.Errorf("of %d: ψ(%d) is %v and %d, want %v", n, i, psi[i], fixed[i], want[i])
					break
				}
			}
			clear(psi)
		})
	}
	all.Wait()
	if again := Psi(3000); !slices.Equal(again[1:], want[1:]) {
		t.Error("a table has changed")
	}
}

func TestPsiHasAPoleAtZero(t *testing.T) {
	if p := Psi(0); len(p) != 1 || !math.IsNaN(p[0]) {
		t.Errorf("Psi(0) = %v, want [NaN]", p)
	}
	if p := PsiFixed(1); len(p) != 2 || p[0] != 0 || p[1] != Fixed(-0.5772156649015329) {
		t.Errorf("PsiFixed(1) = %v", p)
	}
}
