package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"
)

type Doc struct {
	XMLName xml.Name `xml:"urn:a doc"`
	Kids    []*Doc   `xml:"urn:a doc"`
	Raw     string   `xml:",innerxml"`
	Ns      string   `xml:"urn:b q,attr"`
	L       Lang     `xml:"urn:b lang"`
	Custom  *Cust    `xml:"cust"`
}
type Lang string

func (l *Lang) UnmarshalText(b []byte) error { *l = Lang("L:" + string(b)); return nil }

type Cust struct{ inner, attr string }

func (c *Cust) UnmarshalXML(d *xml.Decoder, s xml.StartElement) error {
	var aux struct {
		In string `xml:",innerxml"`
		A  string `xml:"a,attr"`
	}
	if err := d.DecodeElement(&aux, &s); err != nil {
		return err
	}
	c.inner, c.attr = aux.In, aux.A+s.Name.Local
	return nil
}

type Vec [3]float64
type Mat [2]Vec

func (v Vec) Format(s fmt.State, verb rune) {
	w, ok := s.Width()
	p, pok := s.Precision()
	fmt.Fprintf(s, "<%c %d %v %d %v %v %v>", verb, w, ok, p, pok, s.Flag('+'), s.Flag('#'))
}

type Hex uint16

func (h *Hex) Scan(st fmt.ScanState, verb rune) error {
	tok, err := st.Token(true, func(r rune) bool { return strings.ContainsRune("0123456789abcdef", r) })
	if err != nil {
		return err
	}
	_, err = fmt.Sscanf(string(tok), "%x", (*uint16)(h))
	return err
}

type G struct{ a int }

func (g G) GoString() string { return fmt.Sprintf("G!%d", g.a) }

type Buf struct {
	bytes.Buffer
	n int
}

func (b *Buf) WriteByte(c byte) error { b.n++; return b.Buffer.WriteByte(c) }

type Lk struct {
	sync.Mutex
	*strings.Builder
	io.Closer
	m map[string]int
}
type cl struct{}

func (cl) Close() error { return errors.New("closed") }

type Dur struct{ time.Duration }
type MyDur time.Duration

func (d MyDur) String() string { return "my" + time.Duration(d).String() }

type Node struct {
	V    any
	Next *Node
	m    map[string]*Node
}
type Key struct {
	a string
	b int
}

func (k Key) String() string { return k.a + fmt.Sprint(k.b) }

type Inner struct{ X, Y int }
type Outer struct {
	Inner
	*Node
	Z  *int
	Fn func(int) string
	Ch chan Inner
	E  error
	S  fmt.Stringer
	I  interface{ M() }
}
type Bits uint8
type Str string
type Bs []byte
type Bl bool
type Cx complex64
type Fn func(Inner) Str
type Pair[K comparable, V any] struct {
	Key K
	Val V
}

func (p Pair[K, V]) String() string { return fmt.Sprintf("%v=>%v", p.Key, p.Val) }

func main() {
	var d Doc
	err := xml.Unmarshal([]byte(`<doc xmlns="urn:a" xmlns:b="urn:b" b:q="top"><doc b:q="k1"><b:lang>en</b:lang><doc><x:lang xmlns:x="urn:b">de</x:lang> &amp; </doc></doc><cust a="1"><i>in</i> t</cust></doc>`), &d)
	fmt.Println(err, d.Ns, len(d.Kids))
	fmt.Println(d.Kids[0].Ns, d.Kids[0].L, d.Kids[0].Kids[0].L, d.Kids[0].XMLName, d.Kids[0].Kids[0].XMLName.Space)
	fmt.Println(d.Raw)
	fmt.Println(d.Kids[0].Raw, "|", d.Kids[0].Kids[0].Raw)
	fmt.Println(*d.Custom)
	fmt.Printf("%v|%+8.3v|%#x|%d|%s\n", Vec{1}, Vec{2}, Mat{}, []Vec{{3}}, map[string]Vec{"a": {}})
	var h Hex
	n, err := fmt.Sscan("1f zz", &h)
	fmt.Println(n, err, uint16(h))
	var hs [2]Hex
	n, err = fmt.Sscanf("a-b", "%v-%v", &hs[0], &hs[1])
	fmt.Println(n, err, hs)
	fmt.Printf("%#v %v %#v %+v\n", G{1}, G{1}, []G{{2}}, map[string]*G{"a": nil})
	b := &Buf{}
	fmt.Fprintf(b, "x%d", 1)
	b.WriteByte('z')
	io.Copy(os.Stdout, b)
	fmt.Println(b.n, b.Len())
	var bw io.ByteWriter = b
	bw.WriteByte('q')
	fmt.Println(b.String(), b.n)
	l := Lk{Builder: &strings.Builder{}, Closer: cl{}, m: map[string]int{}}
	l.Lock()
	fmt.Fprint(&l, "w")
	l.Unlock()
	fmt.Println(l.String(), l.Close(), l.Len())
	fmt.Println(Dur{time.Second}, MyDur(time.Minute), []MyDur{1}, Dur{5}.Seconds(), time.Duration(MyDur(3)))
	nd := &Node{V: MyDur(1), m: map[string]*Node{}}
	nd.Next = &Node{V: []any{Key{"k", 1}, nil, 3, Str("s")}}
	fmt.Printf("%v %+v\n", *nd.Next, *nd.Next)
	fmt.Printf("%#v\n", *nd.Next)
	z := 5
	o := Outer{Inner: Inner{1, 2}, Z: &z, E: io.EOF, S: MyDur(2)}
	s := fmt.Sprintf("%+v", o)
	fmt.Println(s[:20], strings.Contains(s, "E:EOF"), strings.Contains(s, "S:my2ns"), strings.Contains(s, "I:<nil>"))
	fmt.Printf("%v %d %x %q %s %t %v %T %T %v\n", Bits(5), Bits(5), Str("hi"), Bs("x"), Bs("y"), Bl(true), Cx(1+2i), Fn(nil), Pair[Str, []Bits]{}, Pair[Str, Bits]{"a", 1})
	fmt.Printf("%v %v %s\n", map[Key]int{{"b", 1}: 1, {"a", 2}: 2}, [2]bool{true}, []Str{"p", "q"})
	fmt.Printf("%5v|%-5v|%05d|%+.2e|%x|% x|%#x|%c|%U\n", Str("a"), Bl(false), Bits(7), float64(3), Bs("az"), Bs("az"), Str("q"), Bits(65), rune('é'))
	fmt.Printf("%!|%z %d|%[2]*[1]d %v\n", 1, 2)
	fmt.Printf("%s %v %d\n", nil, []any{nil, Bits(1)}, []any{Str("a"), 1})
	fmt.Printf("%v %v\n", struct {
		A Bits
		b *Key
		C []Key
	}{1, nil, []Key{{"z", 9}}}, &struct{ K Key }{Key{"y", 8}})
	fmt.Println(reflect.DeepEqual(map[Key][]Bits{{"a", 1}: {1}}, map[Key][]Bits{{"a", 1}: {1}}), reflect.DeepEqual(Bits(1), uint8(1)), reflect.DeepEqual([]Str{"a"}, []string{"a"}))
	j, err := json.Marshal(map[Str]any{"b": Bits(3), "bs": Bs("hi"), "bits": []Bits{1, 2}, "cx": Bl(true), "pair": Pair[Str, int]{"k", 1}, "arr": [2]Bits{1, 2}, "in": Outer{Inner: Inner{1, 2}}.Inner})
	fmt.Println(string(j), err)
	_, err = json.Marshal(Outer{})
	fmt.Println(err)
	_, err = json.Marshal([]any{make(chan Inner)})
	fmt.Println(err)
	var any1 any = Pair[string, int]{"a", 1}
	switch v := any1.(type) {
	case Pair[string, string]:
		fmt.Println("ss", v)
	case Pair[string, int]:
		fmt.Println("si", v.Val)
	}
	defer func() {
		fmt.Println("rec:", recover())
		defer func() { fmt.Println("rec2:", recover()) }()
		var m map[any]int = map[any]int{}
		m[[]Bits{1}] = 2
	}()
	_ = any1.(Pair[string, string])
}
