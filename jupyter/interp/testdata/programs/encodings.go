package main

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"encoding/csv"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

type Status int

const (
	Active Status = iota + 1
	Gone
)

func (s Status) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }
func (s *Status) UnmarshalJSON(b []byte) error {
	var x string
	if err := json.Unmarshal(b, &x); err != nil {
		return fmt.Errorf("status: %w", err)
	}
	switch x {
	case "active":
		*s = Active
	case "gone":
		*s = Gone
	default:
		return fmt.Errorf("bad status %q", x)
	}
	return nil
}
func (s Status) String() string { return map[Status]string{Active: "active", Gone: "gone"}[s] }

type Date time.Time

func (d Date) MarshalText() ([]byte, error) { return []byte(time.Time(d).Format("2006-01-02")), nil }
func (d *Date) UnmarshalText(b []byte) error {
	t, err := time.Parse("2006-01-02", string(b))
	*d = Date(t)
	return err
}
func (d Date) IsZero() bool { return time.Time(d).IsZero() }

type Base struct {
	ID      int  `json:"id" xml:"id,attr"`
	Created Date `json:"created,omitzero" xml:"created"`
}
type Tags map[string]*float64
type Raw struct {
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}
type Shape interface{ Area() float64 }
type Sq struct{ S float64 }
type Circ struct{ R float64 }

func (s Sq) Area() float64    { return s.S * s.S }
func (c *Circ) Area() float64 { return c.R }

type Any struct{ Shape }

func (a *Any) UnmarshalJSON(b []byte) error {
	var r Raw
	if err := json.Unmarshal(b, &r); err != nil {
		return err
	}
	switch r.Kind {
	case "sq":
		var s Sq
		if err := json.Unmarshal(r.Data, &s); err != nil {
			return err
		}
		a.Shape = s
	case "circ":
		a.Shape = &Circ{}
		return json.Unmarshal(r.Data, a.Shape)
	}
	return nil
}

type Rec struct {
	Base
	*Opt   `json:",omitempty"`
	S      Status          `json:"s"`
	PS     *Status         `json:"ps"`
	Ss     []Status        `json:"ss,omitempty"`
	M      map[Status]int  `json:"m,omitempty"`
	ByDate map[Date]string `json:"bd,omitempty"`
	T      Tags            `json:"t"`
	Shapes []Any           `json:"shapes"`
	I      any             `json:"i"`
	Str    int             `json:"str,string"`
	Skip   int             `json:"-"`
	priv   int
	D      time.Duration         `json:"d"`
	B      []byte                `json:"b"`
	Nested struct{ X, Y Status } `json:"n"`
	Arr    [2]Status             `json:"arr"`
	F      func()                `json:"-"`
}
type Opt struct {
	Note string `json:"note"`
}

type XItem struct {
	XMLName xml.Name `xml:"item"`
	Base
	Name string   `xml:"name"`
	S    XStatus  `xml:"status,attr"`
	Kids []XItem  `xml:"kids>item"`
	Text string   `xml:",chardata"`
	C    string   `xml:",comment"`
	Any  []XAny   `xml:",any"`
	P    *XStatus `xml:"p,omitempty"`
}
type XAny struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Content string     `xml:",innerxml"`
}
type XStatus int

func (s XStatus) MarshalXMLAttr(n xml.Name) (xml.Attr, error) {
	return xml.Attr{Name: n, Value: fmt.Sprint("st", int(s))}, nil
}
func (s *XStatus) UnmarshalXMLAttr(a xml.Attr) error {
	_, err := fmt.Sscanf(a.Value, "st%d", (*int)(s))
	return err
}
func (s XStatus) MarshalXML(e *xml.Encoder, st xml.StartElement) error {
	return e.EncodeElement(fmt.Sprint("el", int(s)), st)
}
func (s *XStatus) UnmarshalXML(d *xml.Decoder, st xml.StartElement) error {
	var x string
	if err := d.DecodeElement(&x, &st); err != nil {
		return err
	}
	_, err := fmt.Sscanf(x, "el%d", (*int)(s))
	return err
}

type G struct {
	A    int
	B    []Status
	M    map[string]Sq
	P    *G
	T    time.Time
	S    Gst
	priv string
}
type Gst struct{ x, y int }

func (g Gst) MarshalBinary() ([]byte, error)  { return []byte{byte(g.x), byte(g.y)}, nil }
func (g *Gst) UnmarshalBinary(b []byte) error { g.x, g.y = int(b[0]), int(b[1]); return nil }

type ASN struct {
	V int
	S string `asn1:"utf8"`
	L []Num
	O asn1.ObjectIdentifier
}
type Num int

func main() {
	in := `{"id":7,"created":"2024-02-03","note":"n","s":"gone","ps":"active","ss":["active","gone"],"m":{"1":2},"bd":{"2024-01-01":"x"},"t":{"a":1.5,"b":null},"shapes":[{"kind":"sq","data":{"S":3}},{"kind":"circ","data":{"R":2}}],"i":{"q":[1,"2"]},"str":"42","d":1000,"b":"aGk=","n":{"X":"active","Y":"gone"},"arr":["gone","active"]}`
	var r Rec
	fmt.Println(json.Unmarshal([]byte(in), &r))
	fmt.Printf("%v %v %v %v %v %v %v %v %v\n", r.ID, time.Time(r.Created).Year(), r.Note, r.S, *r.PS, r.Ss, r.M, len(r.ByDate), *r.T["a"])
	fmt.Println(r.Shapes[0].Area(), r.Shapes[1].Area(), r.I, r.Str, r.D, string(r.B), r.Nested, r.Arr)
	fmt.Printf("%T %T\n", r.Shapes[0].Shape, r.Shapes[1].Shape)
	out, err := json.Marshal(r)
	fmt.Println(string(out), err)
	out, err = json.MarshalIndent(map[string]any{"z": Rec{}, "a": []any{Active, nil, &r.S}}, ">", "  ")
	fmt.Println(string(out), err)
	for _, bad := range []string{`{"s":"x"}`, `{"s":3}`, `{"ss":[1]}`, `{"created":"z"}`, `{"n":{"X":"q"}}`, `{"id":"s"}`, `{`, `{"id":1}x`, `{"d":1.5}`, `{"bd":{"q":"x"}}`} {
		var q Rec
		fmt.Println(json.Unmarshal([]byte(bad), &q))
	}
	dec := json.NewDecoder(strings.NewReader(`{"id":1,"zz":2} {"id":2}`))
	dec.DisallowUnknownFields()
	var b Base
	fmt.Println(dec.Decode(&b), b.ID)
	dec = json.NewDecoder(strings.NewReader(`[{"S":1},{"S":2}] `))
	tok, _ := dec.Token()
	fmt.Println(tok)
	for dec.More() {
		var s Sq
		fmt.Println(dec.Decode(&s), s)
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	enc.Encode(map[Date]Status{Date(time.Unix(0, 0)): Gone})
	enc.Encode(struct {
		A string
		S Status
		Base
	}{"<>", Active, Base{ID: 3}})
	x := XItem{Base: Base{ID: 1, Created: Date(time.Unix(0, 0).UTC())}, Name: "n", S: 5, Kids: []XItem{{Name: "k", S: 6}}, Text: "txt", C: "com"}
	p := XStatus(9)
	x.P = &p
	xo, err := xml.MarshalIndent(x, "", " ")
	fmt.Println(string(xo), err)
	var y XItem
	fmt.Println(xml.Unmarshal([]byte(`<item id="4" status="st8"><created>2024-05-06</created><name>N</name><kids><item id="5" status="st9"><name>K</name></item></kids><p>el3</p><other q="1"><b>x</b></other>tail</item>`), &y))
	fmt.Println(y.ID, y.S, y.Name, len(y.Kids), y.Kids[0].ID, y.Kids[0].S, *y.P, y.Any[0].XMLName.Local, y.Any[0].Attrs, y.Any[0].Content, y.Text, time.Time(y.Created).Month())
	fmt.Println(xml.Unmarshal([]byte(`<item status="zz"/>`), &y))
	var gb bytes.Buffer
	g := G{1, []Status{Gone}, map[string]Sq{"a": {2}}, &G{A: 2, S: Gst{3, 4}}, time.Unix(5, 0).UTC(), Gst{1, 2}, "p"}
	ge := gob.NewEncoder(&gb)
	type flat struct {
		A int
		B []Status
		M map[string]Sq
		T time.Time
		S Gst
	}
	fmt.Println(ge.Encode(flat{g.A, g.B, g.M, g.T, g.S}), ge.Encode([]Gst{{7, 8}}), ge.Encode(map[Num]Gst{1: {2, 3}}))
	gd := gob.NewDecoder(&gb)
	var fl flat
	var gs []Gst
	var gm map[Num]Gst
	fmt.Println(gd.Decode(&fl), gd.Decode(&gs), gd.Decode(&gm), fl, gs, gm)
	cr := csv.NewReader(strings.NewReader("a;b\n\"x;y\";2\n"))
	cr.Comma = ';'
	all, err := cr.ReadAll()
	fmt.Println(all, err)
	ao, err := asn1.Marshal(ASN{1, "é", []Num{1, 2}, asn1.ObjectIdentifier{1, 2, 3}})
	fmt.Println(hex.EncodeToString(ao), err)
	var as ASN
	_, err = asn1.Unmarshal(ao, &as)
	fmt.Println(as, err)
	pem.Encode(os.Stdout, &pem.Block{Type: "X", Bytes: []byte("hi")})
	fmt.Println(base64.RawURLEncoding.EncodeToString([]byte{255, 254}))
	pr, pw := io.Pipe()
	go func() { json.NewEncoder(pw).Encode(r.S); pw.Close() }()
	var st Status
	fmt.Println(json.NewDecoder(pr).Decode(&st), st)
}
