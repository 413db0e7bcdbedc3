package rt

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// Raw is a value as native code that reflects must see it: out of its box, and
// with the methods by which encoders ask a value for its text. What an encoder
// would get wrong is refused.
func (r *Runtime) Raw(x any) any {
	x = r.Un(x)
	d := r.of(x)
	if d == nil || d.Foreign {
		return x
	}
	if f, ok := r.bound(x, "MarshalJSON").(func() ([]byte, error)); ok {
		return jsonValue{f}
	}
	if f, ok := r.bound(x, "MarshalText").(func() ([]byte, error)); ok {
		return textValue{f}
	}
	if why := r.unencodable(d, map[int]bool{}); why != "" {
		panic(fmt.Sprintf("%s cannot be given to this function: %s", d.Name, why))
	}
	return V(x)
}

// Plain is a value out of its box, for native code that only looks at memory.
func (r *Runtime) Plain(x any) any { return V(r.Un(x)) }

type jsonValue struct{ f func() ([]byte, error) }

func (v jsonValue) MarshalJSON() ([]byte, error) { return v.f() }

type textValue struct{ f func() ([]byte, error) }

func (v textValue) MarshalText() ([]byte, error) { return v.f() }

// unencodable says what in a type encoders would get wrong.
func (r *Runtime) unencodable(d *Desc, seen map[int]bool) string {
	if d == nil || d.Foreign || seen[d.ID] {
		return ""
	}
	seen[d.ID] = true
	for _, m := range [...]string{"MarshalJSON", "MarshalText", "UnmarshalJSON", "UnmarshalText"} {
		if _, ok := d.Methods[m]; ok {
			return "method " + m + " of " + d.Name + " would not be called; encode that part by hand"
		}
	}
	for _, f := range d.Fields {
		if f.Embedded {
			return "the embedded field " + f.Name + " of " + d.Name + " would be encoded as a field of its own; give it a name"
		}
		if why := r.unencodable(r.desc(f.Type), seen); why != "" {
			return why
		}
	}
	if why := r.unencodable(r.desc(d.Key), seen); why != "" {
		return why
	}
	return r.unencodable(r.desc(d.Elem), seen)
}

// Logged is a value for log/slog.
func (r *Runtime) Logged(x any) any {
	if !r.special(x) {
		return x
	}
	if f, ok := r.bound(x, "LogValue").(func() slog.Value); ok {
		return logValuer{f}
	}
	if d := r.of(x); d != nil && d.binders["Error"] != nil {
		return r.ToErr(x)
	}
	return logged{shown{r, x}}
}

type logValuer struct{ f func() slog.Value }

func (v logValuer) LogValue() slog.Value { return v.f() }

// logged formats itself for text and encodes itself for JSON handlers.
type logged struct{ shown }

func (v logged) MarshalJSON() ([]byte, error) { return json.Marshal(v.r.Raw(v.x)) }
