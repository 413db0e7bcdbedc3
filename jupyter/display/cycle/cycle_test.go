package cycle

import "testing"

func TestIn(t *testing.T) {
	self := map[string]any{}
	self["deep"] = []any{1, struct{ V any }{self}}
	list := []any{0, nil}
	list[1] = list
	type node struct{ Next *node }
	ring := &node{}
	ring.Next = ring
	shared := []any{1}
	for _, test := range []struct {
		v      any
		want   bool
		reason string
	}{
		{self, true, "a map by a slice and a struct"},
		{list, true, "a slice"},
		{&list, true, "behind a pointer"},
		{ring, false, "fmt prints inner pointers as addresses"},
		{[]any{shared, shared}, false, "twice is not within"},
		{[]int{1, 2}, false, "numbers hold nothing"},
		{nil, false, "nil"},
	} {
		if got := In(test.v); got != test.want {
			t.Errorf("%s: %v, want %v", test.reason, got, test.want)
		}
	}
}
