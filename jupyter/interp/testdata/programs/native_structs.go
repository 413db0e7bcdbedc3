package main

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"sync"
	"time"
)

type When time.Time
type Conf http.Cookie
type Link url.URL
type Big big.Int
type Lk struct {
	sync.Mutex
	A int
}
type L2 Lk
type S struct {
	W When
	C *Conf
	L Link
	M map[string]Conf
	N []When
	D L2
}
type Own When

func (o *Own) UnmarshalJSON(b []byte) error {
	t, err := time.Parse(`"2006"`, string(b))
	*o = Own(t)
	return err
}
func (o Own) MarshalJSON() ([]byte, error) { return []byte(time.Time(o).Format(`"2006"`)), nil }

func main() {
	var s S
	fmt.Println(json.Unmarshal([]byte(`{"W":{"a":1},"C":{"Name":"n","MaxAge":4,"Unparsed":["x"]},"L":{"Host":"h","User":{}},"M":{"k":{"Value":"v"}},"N":[{},{}],"D":{"A":3}}`), &s))
	fmt.Println(s.C.Name, s.C.MaxAge, s.C.Unparsed, s.L.Host, s.M["k"].Value, len(s.N), s.D.A, time.Time(s.W).IsZero())
	fmt.Println(json.Unmarshal([]byte(`{"C":{"Name":"again"}}`), &s), s.C.MaxAge, s.C.Name)
	fmt.Println(json.Unmarshal([]byte(`{"W":"2024"}`), &s))
	var w When
	fmt.Println(json.Unmarshal([]byte(`"2024-01-01T00:00:00Z"`), &w))
	fmt.Println(json.Unmarshal([]byte(`{"C":{"MaxAge":"x"}}`), &s))
	var o Own
	fmt.Println(json.Unmarshal([]byte(`"2023"`), &o), time.Time(o).Year())
	b, err := json.Marshal([]Own{o})
	fmt.Println(string(b), err)
	b, err = json.Marshal(s)
	fmt.Println(string(b), err)
	var c Conf
	fmt.Println(xml.Unmarshal([]byte(`<Conf><Name>x</Name><MaxAge>3</MaxAge></Conf>`), &c), c.Name, c.MaxAge)
	var buf bytes.Buffer
	fmt.Println(gob.NewEncoder(&buf).Encode(Conf{Name: "g", MaxAge: 9}))
	var d Conf
	fmt.Println(gob.NewDecoder(&buf).Decode(&d), d.Name, d.MaxAge)
	fmt.Printf("%+v\n", Link{Host: "q"})
}
