package rt

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Types that reflection puts together are described as those that cells name.
// Their numbers are above all that the lowerer gives; a cell that names such a
// type later takes its description over (see Known).
const firstMade = 1 << 32

// made is the described type whose parts are those of d, a new one if there is
// none. It is Boxed if reflect takes it for another.
func (r *Runtime) madeType(d Desc) reflect.Type {
	found := r.descs.Load().like(&d)
	if found == nil {
		found = r.makeType(d)
	}
	if found.Boxed {
		return r.author(found.typ, found.ID)
	}
	return found.typ
}

func (r *Runtime) makeType(d Desc) (found *Desc) {
	r.change(func(t *tables) {
		if found = t.like(&d); found != nil {
			return
		}
		r.lastMade++
		d.ID = firstMade + r.lastMade
		found = &d
		t.byID[d.ID] = found
		if !d.Boxed {
			t.byType[d.typ] = found
		}
	})
	return found
}

// like is the described type with the parts of d, of those that have no name
// the one with the lowest number.
func (t *tables) like(d *Desc) (found *Desc) {
	for _, e := range t.byID {
		if e.typ == d.typ && e.Own == d.Own && e.face == d.face && (!d.Own || e.Name == d.Name) && t.sameParts(e, d) && (found == nil || e.ID < found.ID) {
			found = e
		}
	}
	return found
}

// sameParts tells whether two types of one reflect type have the same parts.
// Only those that reflect takes for others have to be told apart.
func (t *tables) sameParts(d, e *Desc) bool {
	if d.Boxed != e.Boxed {
		return false
	}
	if !d.Boxed {
		return true
	}
	if d.Variadic != e.Variadic || d.typ == nil || len(d.Fields) != len(e.Fields) {
		return false
	}
	boxed := func(id int) int {
		if p := t.byID[id]; p != nil && p.Boxed {
			return p.ID
		}
		return 0
	}
	same := func(a, b []int, as, bs []string) bool {
		for i := range max(len(a), len(b)) {
			if boxed(at(a, i)) != boxed(at(b, i)) || at(as, i) != at(bs, i) {
				return false
			}
		}
		return true
	}
	for i, f := range d.Fields {
		g := e.Fields[i]
		if f.Name != g.Name || f.Embedded != g.Embedded || f.Tag != g.Tag || !same([]int{f.Type}, []int{g.Type}, []string{f.Of}, []string{g.Of}) {
			return false
		}
	}
	return same([]int{d.Elem, d.Key}, []int{e.Elem, e.Key}, []string{d.ElemOf, d.KeyOf}, []string{e.ElemOf, e.KeyOf}) &&
		same(d.Params, e.Params, d.ParamsOf, e.ParamsOf) && same(d.Results, e.Results, d.ResultsOf, e.ResultsOf)
}

// takeOver points the numbers of types that reflection made to a type that a
// cell names now.
func (r *Runtime) takeOver(t *tables, d *Desc) {
	for id, e := range t.byID {
		if id <= firstMade || e.typ != d.typ || e.Own || d.Own || !t.sameParts(e, d) {
			continue
		}
		t.byID[id] = d
		if ref, ok := r.refs.Load(id); ok {
			r.refs.Store(d.ID, ref)
			ref.(*typeRef).id.Store(int64(d.ID))
		}
	}
}

// face describes an interface of the notebook by its name.
func (r *Runtime) face(name string) *Desc {
	t := r.madeType(Desc{Name: name, Own: true, Boxed: true, face: true, typ: anything})
	return t.(authorType).desc()
}

// faceOf is an interface of the notebook that has methods, nil for other types.
func (r *Runtime) faceOf(t reflect.Type) *Iface {
	a, ok := t.(authorType)
	if !ok || !a.desc().face {
		return nil
	}
	var found *Iface
	for _, i := range r.descs.Load().ifaces {
		if i.Name == a.desc().Name && i.native == nil && (found == nil || i.ID > found.ID) {
			found = i
		}
	}
	if found == nil {
		panic(fmt.Sprintf("a cell cannot ask reflect about the methods of the interface %s here: no value was asked for it yet; use a type assertion", a))
	}
	return found
}

// partOf is a type as a part of another: its number and, for an interface, its
// name.
func (r *Runtime) partOf(t reflect.Type) (id int, iface string) {
	d := r.descOf(t)
	switch {
	case t.Kind() == reflect.Interface:
		return 0, r.TypeString(t)
	case d != nil:
		return d.ID, ""
	}
	return r.nativePart(t), ""
}

// nativePart is the number of a native type, which has one if a cell knows it.
func (r *Runtime) nativePart(t reflect.Type) int {
	if d := r.descs.Load().byType[t]; d != nil {
		return d.ID
	}
	return 0
}

// composite is a type that is put together of parts: by reflect alone if none
// is the notebook's.
func (r *Runtime) composite(name string, make func(...reflect.Type) reflect.Type, fill func(d *Desc), parts ...reflect.Type) reflect.Type {
	own, boxed := false, false
	real := parts[:0:0]
	for _, p := range parts {
		d := r.descOf(p)
		own = own || d != nil
		boxed = boxed || d != nil && d.Boxed
		real = append(real, bareType(p))
	}
	typ := make(real...)
	if !own {
		return typ
	}
	d := Desc{Name: name, Boxed: boxed, typ: typ}
	fill(&d)
	return r.madeType(d)
}

// TypeSliceOf and those that follow are functions of package reflect.
func (r *Runtime) TypeSliceOf(t reflect.Type) reflect.Type {
	return r.ofElem("[]"+r.TypeString(t), reflect.SliceOf, t)
}

func (r *Runtime) TypePointerTo(t reflect.Type) reflect.Type {
	return r.ofElem("*"+r.TypeString(t), reflect.PointerTo, t)
}

func (r *Runtime) TypeArrayOf(n int, t reflect.Type) reflect.Type {
	return r.ofElem(fmt.Sprintf("[%d]%s", n, r.TypeString(t)), func(t reflect.Type) reflect.Type { return reflect.ArrayOf(n, t) }, t)
}

func (r *Runtime) TypeChanOf(dir reflect.ChanDir, t reflect.Type) reflect.Type {
	name := r.TypeString(t)
	if dir != reflect.SendDir && strings.HasPrefix(name, "<-") {
		name = "(" + name + ")"
	}
	return r.ofElem(dir.String()+" "+name, func(t reflect.Type) reflect.Type { return reflect.ChanOf(dir, t) }, t)
}

func (r *Runtime) ofElem(name string, make func(reflect.Type) reflect.Type, t reflect.Type) reflect.Type {
	return r.composite(name, func(ts ...reflect.Type) reflect.Type { return make(ts[0]) }, func(d *Desc) {
		d.Elem, d.ElemOf = r.partOf(t)
		d.ElemMethods = d.Elem == 0 && r.descOf(t) != nil
	}, t)
}

func (r *Runtime) TypeMapOf(k, e reflect.Type) reflect.Type {
	name := "map[" + r.TypeString(k) + "]" + r.TypeString(e)
	return r.composite(name, func(ts ...reflect.Type) reflect.Type { return reflect.MapOf(ts[0], ts[1]) }, func(d *Desc) {
		d.Key, d.KeyOf = r.partOf(k)
		d.Elem, d.ElemOf = r.partOf(e)
		d.ElemMethods = d.Elem == 0 && r.descOf(e) != nil
	}, k, e)
}

func (r *Runtime) TypeFuncOf(in, out []reflect.Type, variadic bool) reflect.Type {
	ts := append(append([]reflect.Type(nil), in...), out...)
	own := false
	for _, t := range ts {
		own = own || r.descOf(t) != nil
	}
	if !own {
		return reflect.FuncOf(in, out, variadic)
	}
	return r.funcOf(in, out, variadic)
}

// funcOf describes a function type. What is variadic has a slice as its last
// parameter here.
func (r *Runtime) funcOf(in, out []reflect.Type, variadic bool) reflect.Type {
	d := Desc{Variadic: variadic, Boxed: variadic}
	part := func(t reflect.Type, ids *[]int, ofs *[]string) reflect.Type {
		id, of := 0, ""
		if e := r.descOf(t); e != nil && e.Boxed {
			id, of = r.partOf(t)
			d.Boxed = true
		}
		*ids, *ofs = append(*ids, id), append(*ofs, of)
		return bareType(t)
	}
	var ins, outs []reflect.Type
	var words, results []string
	for i, t := range in {
		ins = append(ins, part(t, &d.Params, &d.ParamsOf))
		if variadic && i == len(in)-1 {
			words = append(words, "..."+r.TypeString(t.Elem()))
		} else {
			words = append(words, r.TypeString(t))
		}
	}
	for _, t := range out {
		outs = append(outs, part(t, &d.Results, &d.ResultsOf))
		results = append(results, r.TypeString(t))
	}
	d.Name = "func(" + strings.Join(words, ", ") + ")"
	switch len(results) {
	case 0:
	case 1:
		d.Name += " " + results[0]
	default:
		d.Name += " (" + strings.Join(results, ", ") + ")"
	}
	d.typ = reflect.FuncOf(ins, outs, false)
	return r.madeType(d)
}

// TypeStructOf is reflect.StructOf.
func (r *Runtime) TypeStructOf(fields []reflect.StructField) reflect.Type {
	ts := make([]reflect.Type, len(fields))
	texts := make([]string, len(fields))
	d := Desc{}
	for i, f := range fields {
		if f.Type == nil {
			return reflect.StructOf(fields) // says so
		}
		ts[i] = f.Type
		if texts[i] = f.Name + " "; f.Anonymous {
			texts[i] = ""
		}
		if texts[i] += r.TypeString(f.Type); f.Tag != "" {
			texts[i] += " " + strconv.Quote(string(f.Tag))
		}
		id, of := r.partOf(f.Type)
		d.Fields = append(d.Fields, FieldDesc{Name: f.Name, Type: id, Of: of, Methods: id == 0 && r.descOf(f.Type) != nil, Embedded: f.Anonymous})
	}
	return r.composite("struct { "+strings.Join(texts, "; ")+" }", func(real ...reflect.Type) reflect.Type {
		bare := slices.Clone(fields)
		for i := range bare {
			bare[i].Type = real[i]
		}
		return reflect.StructOf(bare)
	}, func(to *Desc) { to.Fields = d.Fields }, ts...)
}

// known is t, described if it is put together of the notebook's types.
func (r *Runtime) known(t reflect.Type) reflect.Type {
	if t == nil || t.Name() != "" || r.descs.Load().byType[t] != nil {
		return t
	}
	switch t.Kind() {
	case reflect.Pointer:
		r.TypePointerTo(r.known(t.Elem()))
	case reflect.Slice:
		r.TypeSliceOf(r.known(t.Elem()))
	case reflect.Array:
		r.TypeArrayOf(t.Len(), r.known(t.Elem()))
	case reflect.Chan:
		r.TypeChanOf(t.ChanDir(), r.known(t.Elem()))
	case reflect.Map:
		r.TypeMapOf(r.known(t.Key()), r.known(t.Elem()))
	case reflect.Func:
		for p := range t.Ins() {
			r.known(p)
		}
		for p := range t.Outs() {
			r.known(p)
		}
		r.TypeFuncOf(parts(t.NumIn, t.In), parts(t.NumOut, t.Out), t.IsVariadic())
	}
	return t
}
