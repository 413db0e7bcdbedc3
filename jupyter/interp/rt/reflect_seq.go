package rt

import "reflect"

// ValueSeq and ValueSeq2 are Seq and Seq2 of a reflect.Value.
func (r *Runtime) ValueSeq(v reflect.Value) func(func(reflect.Value) bool) {
	d := r.tagged(v)
	if d == nil {
		return v.Seq()
	}
	part := r.yields(v)
	switch v.Kind() {
	case reflect.Func:
		return func(yield func(reflect.Value) bool) {
			for x := range r.bare(v).Seq() {
				if !yield(r.retag(x, part(0))) {
					return
				}
			}
		}
	case reflect.Map:
		return func(yield func(reflect.Value) bool) {
			for x := range r.bare(v).Seq() {
				if !yield(r.tag(x, d.Key)) {
					return
				}
			}
		}
	case reflect.Chan:
		return func(yield func(reflect.Value) bool) {
			for x := range r.bare(v).Seq() {
				if !yield(r.inside(d, x)) {
					return
				}
			}
		}
	case reflect.Slice, reflect.Array, reflect.String, reflect.Pointer:
		return r.bare(v).Seq() // of indices
	}
	return func(yield func(reflect.Value) bool) {
		for x := range r.bare(v).Seq() {
			if !yield(r.tag(x, d.ID)) {
				return
			}
		}
	}
}

func (r *Runtime) ValueSeq2(v reflect.Value) func(func(reflect.Value, reflect.Value) bool) {
	d := r.tagged(v)
	if d == nil {
		return v.Seq2()
	}
	part, elem := r.yields(v), d
	if v.Kind() == reflect.Pointer {
		elem = r.desc(d.Elem)
	}
	return func(yield func(a, b reflect.Value) bool) {
		for a, b := range r.bare(v).Seq2() {
			switch v.Kind() {
			case reflect.Func:
				a, b = r.retag(a, part(0)), r.retag(b, part(1))
			case reflect.Map:
				a, b = r.tag(a, d.Key), r.inside(d, b)
			default:
				b = r.inside(elem, b)
			}
			if !yield(a, b) {
				return
			}
		}
	}
}

// yields gives the types of what an iterator yields.
func (r *Runtime) yields(v reflect.Value) func(i int) *Desc {
	if d := r.tagged(v); d != nil && v.Kind() == reflect.Func && len(d.Params) == 1 {
		if yield := r.desc(d.Params[0]); yield != nil {
			return func(i int) *Desc { return r.desc(at(yield.Params, i)) }
		}
	}
	return func(int) *Desc { return nil }
}
