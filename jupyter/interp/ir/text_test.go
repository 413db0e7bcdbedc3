package ir

import (
	"go/constant"
	"go/token"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/traefik/yaegi/interp"
)

func expr(e Expr) string {
	p := &printer{unit: &Unit{}}
	p.expr(e)
	return p.b.String()
}

// A constant must read back as its value and type: this is what the
// interpreter makes of the text.
func TestConstantsReadBack(t *testing.T) {
	f32 := BasicType("float32")
	for _, c := range []struct {
		name string
		v    constant.Value
		t    *Type
		want any
	}{
		{"negative int", constant.MakeInt64(-5), Int, -5},
		{"least int", constant.MakeInt64(math.MinInt64), Int64, int64(math.MinInt64)},
		{"largest uint", constant.MakeUint64(math.MaxUint64), Uint64, uint64(math.MaxUint64)},
		{"byte", constant.MakeInt64(255), BasicType("uint8"), uint8(255)},
		{"rune", constant.MakeInt64('ñ'), Int32, 'ñ'},
		{"float that is whole", constant.MakeFloat64(3), Float64, 3.0},
		{"float from an int constant", constant.MakeInt64(1 << 60), Float64, float64(1 << 60)},
		{"small", constant.MakeFloat64(5e-324), Float64, 5e-324},
		{"negative", constant.MakeFloat64(-0.1), Float64, -0.1},
		{"float32 is rounded once", constant.MakeFromLiteral("0.1", token.FLOAT, 0), f32, float32(0.1)},
		{"quotes and zero bytes", constant.MakeString("a\"\\\x00\xff世`"), String, "a\"\\\x00\xff世`"},
		{"true", constant.MakeBool(true), Bool, true},
	} {
		in := interp.New(interp.Options{})
		got, err := in.Eval(expr(&Const{c.v, c.t}))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got.Interface() != c.want {
			t.Errorf("%s: %s reads back as %v (%s), want %v (%T)", c.name, expr(&Const{c.v, c.t}), got, got.Type(), c.want, c.want)
		}
	}
}

func TestTextOfTypes(t *testing.T) {
	ro := ChanOf(RecvOnly, Int)
	for _, c := range []struct {
		t    *Type
		want string
	}{
		{ChanOf(Both, ro), "chan (<-chan int)"},
		{FuncOf([]*Type{PointerTo(Int)}, []*Type{Int, Error}), "func(*int) (int, error)"},
		{MapOf(String, ArrayOf(3, Anything)), "map[string][3]interface{}"},
		{NativeType("math/rand/v2", "Rand"), "p_math_rand_v2.Rand"},
		{StructOf([]Field{{Name: "A", Type: Int, Tag: `json:"a"`}}), `struct{ A int "json:\"a\"" }`},
	} {
		if c.t.String() != c.want {
			t.Errorf("%s, want %s", c.t, c.want)
		}
	}
}

func TestTextMarksPlaces(t *testing.T) {
	u := &Unit{ID: 7, First: 3, Marks: []Place{{Pos: token.Position{Line: 4, Column: 2}}}}
	u.Entry = &Function{Name: "cell_7", Body: []Stmt{&Mark{N: 3}, &Jump{Word: "break", Label: ""}}}
	text := Text(u, map[string]bool{})
	for _, want := range []string{"/*line cell7/_.go:4:2*/line__ = zero__ + 3\n", "func cell_7() {\n", "break\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// A ring of types is one type for each name, as large as its fields.
func TestRing(t *testing.T) {
	in := interp.New(interp.Options{})
	y, err := NewYaegi(in, map[string]reflect.Value{"LineAt": reflect.ValueOf(func(_, _ *int) {}), "FlagsAt": reflect.ValueOf(func(_, _ *bool) {})}, nil, func(string) (map[string]reflect.Value, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	a, b := NamedType("t1_A"), NamedType("t2_B")
	u := &Unit{ID: 1, Types: []TypeDecl{
		{Name: "t1_A", Ring: true, T: StructOf([]Field{{Name: "B", Type: PointerTo(b), Tag: `sp:"1"`}, {Name: "Bs", Type: SliceOf(b)}, {Name: "M", Type: MapOf(String, PointerTo(a))}, {Name: "F", Type: FuncOf([]*Type{a}, nil)}})},
		{Name: "t2_B", Ring: true, T: StructOf([]Field{{Name: "A", Type: a, Tag: `sp:"2"`}, {Name: "N", Type: Int}})},
	}}
	if err := y.Define(u); err != nil {
		t.Fatal(err)
	}
	get := func(text string) reflect.Type {
		v, err := in.Eval("new(" + text + ")")
		if err != nil {
			t.Fatal(err)
		}
		return v.Type().Elem()
	}
	ta, tb := get("t1_A"), get("t2_B")
	if tb.Field(0).Type != ta || ta.Field(0).Type.Elem() != tb || ta.Field(1).Type.Elem() != tb || ta.Field(2).Type.Elem().Elem() != ta || ta.Field(3).Type.In(0) != ta {
		t.Errorf("the types do not refer to each other: %v, %v", ta, tb)
	}
	if tb.Size() != ta.Size()+8 || ta.Comparable() {
		t.Errorf("sizes %d, %d; comparable %v", ta.Size(), tb.Size(), ta.Comparable())
	}
}
