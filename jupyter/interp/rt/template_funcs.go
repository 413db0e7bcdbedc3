package rt

import "reflect"

// TemplateFuncs are functions for a template, which takes only those that
// reflect knows as functions: those of the notebook's types stay behind one
// that it can take.
func (r *Runtime) TemplateFuncs(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	out := make(map[string]any, len(m))
	for name, fn := range m {
		x := r.Un(fn)
		out[name] = V(x)
		v := r.ValueOf(x)
		if v.Kind() != reflect.Func || v.IsNil() || r.tagged(v) == nil {
			continue
		}
		t := v.Type()
		if t.NumOut() == 1 || t.NumOut() == 2 && t.Out(1) == errorType { // else the package says why not
			out[name] = templateFunc(func(at *reflect.Value) (any, error) { *at = v; return nil, nil })
		}
	}
	return out
}

// templateFunc gives the function that it stands for.
type templateFunc func(at *reflect.Value) (any, error)

func (t templateFunc) behind() (f reflect.Value) {
	t(&f)
	return f
}
