package rt

import "sync/atomic"

// The methods of atomic.Value, which tells types apart that have boxes here, too.

func AtomicStore(v *atomic.Value, x any) {
	consistent(v.Load(), x, "sync/atomic: store of inconsistently typed value into Value")
	v.Store(x)
}

func AtomicSwap(v *atomic.Value, x any) any {
	consistent(v.Load(), x, "sync/atomic: swap of inconsistently typed value into Value")
	return v.Swap(x)
}

func (r *Runtime) AtomicCompareAndSwap(v *atomic.Value, old, x any) bool {
	consistent(old, x, "sync/atomic: compare and swap of inconsistently typed values")
	have := v.Load()
	consistent(have, x, "sync/atomic: compare and swap of inconsistently typed value into Value")
	r.Eq(have, old) // panics if they cannot be compared
	return v.CompareAndSwap(old, x)
}

// consistent panics if two values have boxes and are of different types.
func consistent(x, y any, text string) {
	a, ok := x.(Box)
	b, both := y.(Box)
	if ok && both && a.ID != b.ID {
		panic(text)
	}
}
