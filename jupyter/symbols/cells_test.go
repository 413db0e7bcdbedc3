package symbols_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"surprisal/jupyter/comm"
	"surprisal/jupyter/display"
	"surprisal/jupyter/interp"
	"surprisal/jupyter/interp/guard"
	"surprisal/jupyter/notebook"
	"surprisal/jupyter/symbols"
	"surprisal/jupyter/widget"
)

// desk is everything that a session talks to; it writes down what it hears.
type desk struct {
	mu    sync.Mutex
	log   strings.Builder
	lines []string // answers to input requests
}

func (d *desk) write(format string, a ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintf(&d.log, format, a...)
}

func (d *desk) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.String()
}

func (d *desk) Write(p []byte) (int, error) { d.write("%s", p); return len(p), nil }

func (d *desk) Display(_ string, b display.Bundle) { d.write("<show %v>", b.Data["text/plain"]) }
func (d *desk) Update(_ string, b display.Bundle)  { d.write("<update %v>", b.Data["text/plain"]) }
func (d *desk) Clear(wait bool)                    { d.write("<clear %v>", wait) }
func (d *desk) Page(b display.Bundle)              { d.write("<page %v>", b.Data["text/plain"]) }
func (d *desk) NextInput(code string)              { d.write("<next %s>", code) }
func (d *desk) SendComm(p comm.Packet) error       { d.write("<comm %d %s>", p.Kind, p.Data); return nil }
func (d *desk) Input(prompt string, _ bool) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.lines) == 0 {
		return "", errors.New("nobody can answer")
	}
	s := d.lines[0]
	d.lines = d.lines[1:]
	return s, nil
}

// session is joined as the worker joins it.
func session(t testing.TB, d *desk) (*interp.Session, *comm.Manager) {
	t.Helper()
	g := guard.New()
	book := notebook.New(d)
	book.Stdout, book.Stderr = d, d
	comms := comm.New(d, comm.Owner{Current: g.Owner, Run: g.Run})
	screen := display.NewScreen(d)
	tab := symbols.New(symbols.Options{
		Screen: screen, Comms: comms, Notebook: book,
		Widgets: &widget.Deck{Screen: screen, Start: func(context.Context) error { return errors.New("no monitor in this test") }},
		Stdout:  d, Stderr: d,
		Wrap: g.Wrap, Sleep: g.Sleep, Exit: g.Exit,
	})
	s, err := interp.New(interp.Config{Packages: tab, Guard: g, Preload: tab.Preload(), Bind: tab.Bind()})
	if err != nil {
		t.Fatal(err)
	}
	book.List = func() []notebook.Var {
		var out []notebook.Var
		for _, v := range s.Vars() {
			out = append(out, notebook.Var(v))
		}
		return out
	}
	return s, comms
}

// What a cell prints, shows and ends with, through the real interpreter.
func TestCells(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir()) // where no monitor is
	for _, c := range []struct{ reason, cell, want string }{
		{"print", `fmt.Println("a", 1)`, "a 1\n"},
		{"print to a stream", `fmt.Fprintln(os.Stderr, "e")`, "e\n"},
		{"sum of a gonum slice", `floats.Sum([]float64{1, 2, 3})`, "=> 6"},
		{"statistics", `m, s := stat.MeanStdDev([]float64{1, 2, 3}, nil)
fmt.Println(m, s)`, "2 1\n"},
		{"matrices", `a := mat.NewDense(2, 2, []float64{1, 2, 3, 4})
var b mat.Dense
b.Mul(a, a.T())
fmt.Println(b.At(0, 0), b.At(1, 1), mat.Det(a) < 0)`, "5 25 true\n"},
		{"a matrix", `mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})`, "=> 2 × 3 matrix\n⎡1  2  3⎤\n⎣4  5  6⎦"},
		{"the value of a matrix", `var d mat.Dense
d.Mul(mat.NewDense(2, 2, []float64{1, 2, 3, 4}), mat.NewVecDense(2, []float64{1, 2}))
d`, "=> 2 × 1 matrix\n⎡ 5⎤\n⎣11⎦"},
		{"a vector", `mat.NewVecDense(2, []float64{1, 2})`, "=> vector of 2: [1 2]"},
		{"the value of a vector", `v := mat.NewVecDense(2, []float64{1, 2})
*v`, "=> vector of 2: [1 2]"},
		{"a transposed matrix", `mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6}).T()`, "=> 3 × 2 matrix\n⎡1  4⎤\n⎢2  5⎥\n⎣3  6⎦"},
		{"a matrix in an interface", `var m mat.Matrix = mat.NewDense(1, 1, []float64{1})
m`, "=> 1 × 1 matrix\n[1]"},
		{"a constant of an unexported type", `var n graph.Nodes = graph.Empty
fmt.Printf("%T %v\n", n, n == graph.Empty)`, "graph.empty true\n"},
		{"distributions", `distuv.Normal{Mu: 1, Sigma: 2}.Prob(1) > 0.19`, "=> true"},
		{"a graph", `g := simple.NewUndirectedGraph()
g.SetEdge(g.NewEdge(simple.Node(1), simple.Node(2)))
g.Nodes().Len()`, "=> 2"},
		{"generic packages", `x := []int{3, 1, 2}
slices.Sort(x)
fmt.Println(x, slices.Max(x), slices.Sorted(maps.Keys(map[string]int{"b": 1, "a": 2})))`, "[1 2 3] 3 [a b]\n"},
		{"sorted", `x := []int{3, 1, 2}
slices.Sort(x)
x`, "=> [1 2 3]"},
		{"rand is the newer one", `rand.New(rand.NewPCG(1, 2)).IntN(1)`, "=> 0"},
		{"show and update", `h := display.Show(1)
h.Update(2)
display.Clear(true)`, "<show 1><update 2><clear true>"},
		{"input", `s, err := notebook.Input("? ")
fmt.Println(s, err)`, "one <nil>\n"},
		{"scan", `var n int
var s string
fmt.Scan(&s, &n)
fmt.Println(s, n)`, "one 2\n"},
		{"scanner over os.Stdin", `sc := bufio.NewScanner(os.Stdin)
for sc.Scan() { fmt.Print(sc.Text(), ";") }`, "one;2;"},
		{"pager and next cell", `notebook.Page("p"); _ = notebook.NextInput("x")`, `<page "p"><next x>`},
		{"shell", `_ = notebook.Sh(ctx, "echo hi")`, "hi\n"},
		{"variables", `zz := 7
v, _ := notebook.Vars()
fmt.Println(v)`, "name  type            value\nv     notebook.Table  no variables yet\nzz    int             7\n"},
		{"exit", `fmt.Print("a"); os.Exit(3); fmt.Print("b")`, "a!! Exit"},
		{"fatal", `log.SetFlags(0); log.SetOutput(os.Stderr); log.Fatalf("no %s", "way")`, "no way\n!! Exit"},
		{"fatal of a logger", `l := log.New(os.Stdout, "l: ", 0)
l.Fatalf("no %d %s", 1, "way")`, "l: no 1 way\n!! Exit"},
		{"timer", `done := make(chan bool)
time.AfterFunc(time.Millisecond, func() { fmt.Print("late"); close(done) })
_ = <-done`, "late"},
		{"wait group", `var wg sync.WaitGroup
wg.Go(func() { fmt.Print("in") })
wg.Wait()`, "in"},
		{"native interface of a notebook type", `type up struct{ r io.Reader }
func (u up) Read(p []byte) (int, error) { n, err := u.r.Read(p); copy(p, bytes.ToUpper(p[:n])); return n, err }
b, _ := io.ReadAll(up{strings.NewReader("abc")})
string(b)`, `=> "ABC"`},
		{"sort.Interface", `type by []int
func (b by) Len() int { return len(b) }
func (b by) Less(i, j int) bool { return b[i] > b[j] }
func (b by) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
x := by{1, 3, 2}
sort.Sort(x)
fmt.Println([]int(x))`, "[3 2 1]\n"},
		{"http handler", `type h struct{}
func (h) ServeHTTP(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }
rec := httptest.NewRecorder()
http.Handler(h{}).ServeHTTP(rec, httptest.NewRequest("GET", "/p", nil))
rec.Body.String()`, `=> "/p"`},
		{"plot", `p := plot.New()
l, err := plotter.NewLine(plotter.XYs{{0, 0}, {1, 1}})
if err != nil { panic(err) }
p.Add(l)
w, err := p.WriterTo(4*vg.Inch, 3*vg.Inch, "png")
if err != nil { panic(err) }
var buf bytes.Buffer
w.WriteTo(&buf)
buf.Len() > 1000`, "=> true"},
		{"entropy map", `img := image.NewGray(image.Rect(0, 0, 16, 16))
m, err := imaging.EntropyMap{}.Of(ctx, img)
fmt.Println(m != nil, err)`, "true <nil>\n"},
		{"autoregression", `m, err := forecast.AR{Order: 1, Trend: forecast.NoTrend}.Fit(ctx, []float64{1, 2, 1, 3})
fmt.Printf("%.2f %v\n", m.Coefficients, err)`, "[0.70] <nil>\n"},
		{"figures", `fmt.Println(figure.Lines(map[string][]float64{"a": {1, 2}}))
figure.Graph(&causal.Graph{Nodes: []string{"a", "b"}}, figure.Options{Theme: figure.Dark})`,
			"1 line of 2 values; a: 1 to 2, mean 1.50\n=> causal graph of 2 nodes: no link was tested"},
		{"where computing runs", `gpu.Open(gpu.CPU)`, "=> CPU: it was asked for"},
		{"a GPU that is required", `errors.Is(gpu.Open(gpu.Index(99)).Err(), gpu.ErrNoDevice)`, "=> true"},
		{"the monitor", `_, err := monitor.Read(ctx)
fmt.Println(err)`, "no monitor in this test; it is tried again in 1s\n"},
		{"values of the monitor", `monitor.Of(73, "%")`, "=> 73 %"},
		{"the panel", `p := widget.GPU()
p.Stop()`, "<show No monitor in this test; it is tried again in 1s.>"},
		{"optimize", `r, err := optimize.Minimize(optimize.Problem{Func: func(x []float64) float64 { return x[0] * x[0] }}, []float64{3}, nil, &optimize.NelderMead{})
fmt.Println(err, math.Abs(r.X[0]) < 1e-3)`, "<nil> true\n"},
		{"a comm is opened", `c, err := comm.Open("t", map[string]int{"a": 1})
c.Send(map[string]int{"b": 2})
fmt.Println(err)`, "<comm 1 {\"a\":1}><comm 2 {\"b\":2}><nil>\n"},
		{"os/exec", `out, err := exec.Command("echo", "x").Output()
fmt.Print(string(out), err)`, "x\n<nil>"},
		{"fourier", `len(fourier.NewFFT(8).Coefficients(nil, make([]float64, 8)))`, "=> 5"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			d := &desk{lines: []string{"one", "2"}}
			s, _ := session(t, d)
			r, e := s.Run(context.Background(), interp.Cell{ID: 1, Count: 1, Code: c.cell})
			for _, v := range r.Values {
				d.write("=> %v", display.Of(v).Data["text/plain"])
			}
			if e != nil {
				d.write("!! %s", e.Name)
				if !strings.Contains(c.want, "!!") {
					t.Log(e)
				}
			}
			if got := d.log.String(); got != c.want {
				t.Errorf("cell\n%s\ngave %q, want %q", c.cell, got, c.want)
			}
		})
	}
}

// A panic in a function that native code calls on its own goroutine is the
// cell's error, and the session goes on.
func TestOptimizedFunctionThatPanics(t *testing.T) {
	d := &desk{}
	s, _ := session(t, d)
	_, e := s.Run(context.Background(), interp.Cell{ID: 1, Count: 1, Code: `n := 0
f := func(x []float64) float64 { n++; if n == 5 { panic("five") }; return x[0] * x[0] }
optimize.Minimize(optimize.Problem{Func: f}, []float64{3}, nil, &optimize.NelderMead{})
for { n++ }`})
	if e == nil || !strings.Contains(e.Value, "five") {
		t.Errorf("the cell ended with %v", e)
	}
	r, e := s.Run(context.Background(), interp.Cell{ID: 2, Count: 2, Code: `n >= 5`})
	if e != nil || len(r.Values) != 1 || r.Values[0] != true {
		t.Errorf("the next cell gave %v, %v", r.Values, e)
	}
}

// An interrupt ends an optimisation whose function never returns.
func TestOptimizationIsInterrupted(t *testing.T) {
	d := &desk{}
	s, _ := session(t, d)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan *interp.Error)
	go func() {
		_, e := s.Run(ctx, interp.Cell{ID: 1, Count: 1, Code: `optimize.Minimize(optimize.Problem{Func: func(x []float64) float64 { fmt.Print("began"); for { x[0]++ } }}, []float64{3}, nil, nil)`})
		done <- e
	}()
	for !strings.Contains(d.String(), "began") {
		runtime.Gosched()
	}
	cancel()
	if e := <-done; e == nil || e.Name != "Interrupted" {
		t.Errorf("the cell ended with %v", e)
	}
}

func TestCommOfACell(t *testing.T) {
	d := &desk{}
	s, comms := session(t, d)
	_, e := s.Run(context.Background(), interp.Cell{ID: 1, Count: 1, Code: `
comm.Register("echo", func(c *comm.Comm, open comm.Message) {
	fmt.Print("open ", open.Data["a"], ";")
	c.OnMessage(func(m comm.Message) { c.Send(m.Data, m.Buffers...) })
})`})
	if e != nil {
		t.Fatal(e)
	}
	for _, p := range []comm.Packet{
		{Kind: comm.KindOpen, ID: "1", Target: "echo", Data: []byte(`{"a":1}`)},
		{Kind: comm.KindMessage, ID: "1", Data: []byte(`{"b":2}`), Buffers: [][]byte{{1}}},
		{Kind: comm.KindClose, ID: "1"},
	} {
		if err := comms.Handle(p); err != nil {
			t.Error(err)
		}
	}
	if got, want := d.String(), `open 1;<comm 2 {"b":2}>`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAskSession(t *testing.T) {
	s, _ := session(t, &desk{})
	if _, e := s.Run(context.Background(), interp.Cell{ID: 1, Count: 1, Code: "// Half halves.\nfunc Half(x float64) float64 { return x / 2 }\nvalue := Half(5)"}); e != nil {
		t.Fatal(e)
	}
	for code, want := range map[string]string{"ct": "ctx", "mus": "must", "val": "value", "figure.Im": "Image", "display.Sh": "Show"} {
		if m := s.Complete(code, len(code)).Matches; len(m) == 0 || m[0].Text != want {
			t.Errorf("%s is completed by %v, want %s first", code, m, want)
		}
	}
	for code, want := range map[string]string{"Half": "Half halves.", "value": "value: 2.5", "ctx": "var ctx context.Context", "must": "func must"} {
		if i := s.Inspect(code, 1, 0); !strings.Contains(i.Text, want) {
			t.Errorf("%s is documented as %q, want %q in it", code, i.Text, want)
		}
	}
	if i := s.Inspect("Half", 1, 1); !strings.Contains(i.Text, "return x / 2") {
		t.Errorf("level 1 has no source: %q", i.Text)
	}
}
