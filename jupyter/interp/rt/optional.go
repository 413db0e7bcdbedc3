package rt

import (
	"bufio"
	"image"
	"image/color"
	"io"
	"io/fs"
	"net"
	"net/http"
	"reflect"
	"strings"
)

//go:generate go run ./internal/wrappers

// Native code looks for more methods than an interface has: io.Copy for
// WriteTo, fs.ReadDir for ReadDir, rand.New for Uint64. A value of the notebook
// is wrapped with just those of them that it has: each part below is the
// methods of an interface, as functions bound to the value, and wrappers.go has
// a type for each set of parts.

// family gives the wrappers for a native interface that native code looks
// behind, nil for others.
func family(path, name string) []reflect.Type {
	switch path + "." + name {
	case "io.Reader", "io.ReadCloser":
		return readers()
	case "io.Writer", "io.WriteCloser":
		return writers()
	case "io.ReadWriter", "io.ReadWriteCloser":
		return streams()
	case "io/fs.FS":
		return systems()
	case "io/fs.File":
		return files()
	case "net/http.ResponseWriter":
		return responses()
	case "image.Image":
		return images()
	case "image/draw.Image":
		return canvases()
	case "flag.Value":
		return flagValues()
	case "math/rand.Source":
		return sources()
	case "net/http.RoundTripper":
		return transports()
	case "database/sql/driver.Driver":
		return drivers()
	case "database/sql/driver.Connector":
		return connectors()
	case "database/sql/driver.Conn":
		return conns()
	case "database/sql/driver.Stmt":
		return stmts()
	case "database/sql/driver.Rows":
		return rowSets()
	}
	return nil
}

// Optional names the methods that native code looks for behind a native
// interface.
func Optional(path, name string) []string {
	var names []string
	seen := map[string]bool{}
	for _, w := range family(path, name) {
		for i := range w.NumMethod() {
			if m := w.Method(i).Name; !seen[m] {
				seen[m] = true
				names = append(names, m)
			}
		}
	}
	return names
}

// wrapped is a type and the interface that it is wrapped for.
type wrapped struct {
	d *Desc
	i *Iface
}

// wrapperFor is the type that stands for values of type d in a native
// interface, nil if none is known.
func (r *Runtime) wrapperFor(x any, d *Desc, i *Iface) reflect.Type {
	if w, ok := r.wrappers.Load(wrapped{d, i}); ok {
		return w.(reflect.Type)
	}
	w := r.widest(x, i)
	if w == nil {
		w = r.Wrapper(i.native.PkgPath(), i.native.Name())
	}
	if w != nil {
		r.wrappers.Store(wrapped{d, i}, w)
		r.change(func(t *tables) { t.wraps[reflect.PointerTo(w)] = true })
	}
	return w
}

// widest is the wrapper with the most methods that the value has, nil if the
// interface's own are all.
func (r *Runtime) widest(x any, i *Iface) (best reflect.Type) {
	for _, w := range family(i.native.PkgPath(), i.native.Name()) {
		if (best == nil || w.NumField() > best.NumField()) && r.fills(x, w) {
			best = w
		}
	}
	return best
}

// fills tells whether a value has all methods of a wrapper.
func (r *Runtime) fills(x any, w reflect.Type) bool {
	for i := 1; i < w.NumField(); i++ {
		if !r.fillsPart(x, w.Field(i).Type) {
			return false
		}
	}
	return true
}

func (r *Runtime) fillsPart(x any, part reflect.Type) bool {
	for f := range part.Fields() {
		if f.Type.Kind() == reflect.Struct {
			if !maybe(f.Type) && !r.fillsPart(x, f.Type) {
				return false
			}
			continue
		}
		if have := r.bound(x, f.Name[1:]); have == nil || !fits(reflect.TypeOf(have), f.Type) {
			return false
		}
	}
	return true
}

// fill sets the functions of a wrapper, fields WM for methods M, and reports
// the first method that is not bound.
func (r *Runtime) fill(v reflect.Value, x any) (missing string) {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		switch {
		case f.Kind() == reflect.Struct:
			if m := r.fill(f, x); m != "" && !maybe(f.Type()) {
				missing = m
			}
		case f.Kind() == reflect.Func && name[0] == 'W':
			if m := r.bound(x, name[1:]); m != nil && fits(reflect.TypeOf(m), f.Type()) {
				f.Set(fitted(reflect.ValueOf(m), f.Type()))
			} else {
				missing = name[1:]
			}
		}
	}
	return missing
}

// maybe tells whether a part's functions may be missing: the wrapper knows what
// to do without them.
func maybe(part reflect.Type) bool { return strings.HasPrefix(part.Name(), "maybe") }

// fits tells whether a function of the interpreter can be one of type to: named
// interfaces without methods, as driver.Value, are any to it.
func fits(from, to reflect.Type) bool {
	if from.ConvertibleTo(to) {
		return true
	}
	if from.NumIn() != to.NumIn() || from.NumOut() != to.NumOut() || from.IsVariadic() != to.IsVariadic() {
		return false
	}
	for i := range from.NumIn() {
		if !lieAlike(from.In(i), to.In(i)) {
			return false
		}
	}
	for i := range from.NumOut() {
		if !lieAlike(from.Out(i), to.Out(i)) {
			return false
		}
	}
	return true
}

// lieAlike tells whether values of two types lie in memory alike: both are any by
// some name, or slices of that.
func lieAlike(a, b reflect.Type) bool {
	switch {
	case a == b:
		return true
	case a.Kind() != b.Kind():
		return false
	case a.Kind() == reflect.Interface:
		return a.NumMethod() == 0 && b.NumMethod() == 0
	}
	return a.Kind() == reflect.Slice && lieAlike(a.Elem(), b.Elem())
}

// fitted is f as a function of type to. Slices stay the same slices.
func fitted(f reflect.Value, to reflect.Type) reflect.Value {
	if f.Type().ConvertibleTo(to) {
		return f.Convert(to)
	}
	as := func(v reflect.Value, t reflect.Type) reflect.Value {
		if v.Type() == t {
			return v
		}
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		return reflect.NewAt(t, p.UnsafePointer()).Elem()
	}
	return reflect.MakeFunc(to, func(in []reflect.Value) []reflect.Value {
		for i := range in {
			in[i] = as(in[i], f.Type().In(i))
		}
		out := f.Call(in)
		for i := range out {
			out[i] = as(out[i], to.Out(i))
		}
		return out
	})
}

// The interfaces themselves.
type (
	reads       struct{ WRead func([]byte) (int, error) }
	writes      struct{ WWrite func([]byte) (int, error) }
	readsWrites struct {
		reads
		writes
	}
	opens  struct{ WOpen func(string) (fs.File, error) }
	isFile struct {
		WStat  func() (fs.FileInfo, error)
		WRead  func([]byte) (int, error)
		WClose func() error
	}
	responds struct {
		WHeader      func() http.Header
		WWrite       func([]byte) (int, error)
		WWriteHeader func(int)
	}
	isImage struct {
		WColorModel func() color.Model
		WBounds     func() image.Rectangle
		WAt         func(x, y int) color.Color
	}
	isCanvas struct {
		isImage
		WSet func(x, y int, c color.Color)
	}
	isFlag struct {
		WString func() string
		WSet    func(string) error
	}
	isSource struct {
		WInt63 func() int64
		WSeed  func(int64)
	}
	tripsRound struct {
		WRoundTrip func(*http.Request) (*http.Response, error)
	}
)

func (p reads) Read(b []byte) (int, error)                             { return p.WRead(b) }
func (p writes) Write(b []byte) (int, error)                           { return p.WWrite(b) }
func (p opens) Open(name string) (fs.File, error)                      { return p.WOpen(name) }
func (p isFile) Stat() (fs.FileInfo, error)                            { return p.WStat() }
func (p isFile) Read(b []byte) (int, error)                            { return p.WRead(b) }
func (p isFile) Close() error                                          { return p.WClose() }
func (p responds) Header() http.Header                                 { return p.WHeader() }
func (p responds) Write(b []byte) (int, error)                         { return p.WWrite(b) }
func (p responds) WriteHeader(code int)                                { p.WWriteHeader(code) }
func (p isImage) ColorModel() color.Model                              { return p.WColorModel() }
func (p isImage) Bounds() image.Rectangle                              { return p.WBounds() }
func (p isImage) At(x, y int) color.Color                              { return p.WAt(x, y) }
func (p isCanvas) Set(x, y int, c color.Color)                         { p.WSet(x, y, c) }
func (p isFlag) Set(s string) error                                    { return p.WSet(s) }
func (p isSource) Int63() int64                                        { return p.WInt63() }
func (p isSource) Seed(seed int64)                                     { p.WSeed(seed) }
func (p tripsRound) RoundTrip(r *http.Request) (*http.Response, error) { return p.WRoundTrip(r) }

// String is asked of a zero wrapper, too, which has no function.
func (p isFlag) String() string {
	if p.WString == nil {
		return ""
	}
	return p.WString()
}

// What native code looks for.
type (
	writesTo struct {
		WWriteTo func(io.Writer) (int64, error)
	}
	readsFrom struct {
		WReadFrom func(io.Reader) (int64, error)
	}
	readsBytes struct{ WReadByte func() (byte, error) }
	readsRunes struct {
		WReadRune   func() (rune, int, error)
		WUnreadRune func() error
	}
	closes        struct{ WClose func() error }
	writesStrings struct{ WWriteString func(string) (int, error) }
	writesBytes   struct {
		WWriteByte func(byte) error
		WFlush     func() error
	}
	readsDirs struct {
		WReadDir func(string) ([]fs.DirEntry, error)
	}
	readsFiles struct{ WReadFile func(string) ([]byte, error) }
	stats      struct {
		WStat func(string) (fs.FileInfo, error)
	}
	globs struct {
		WGlob func(string) ([]string, error)
	}
	subs     struct{ WSub func(string) (fs.FS, error) }
	readsDir struct {
		WReadDir func(int) ([]fs.DirEntry, error)
	}
	seeks struct {
		WSeek func(int64, int) (int64, error)
	}
	readsAt struct {
		WReadAt func([]byte, int64) (int, error)
	}
	flushes struct{ WFlush func() }
	unwraps struct{ WUnwrap func() http.ResponseWriter }
	hijacks struct {
		WHijack func() (net.Conn, *bufio.ReadWriter, error)
	}
	tellsOpaque struct{ WOpaque func() bool }
	givesRGBA64 struct {
		WRGBA64At func(x, y int) color.RGBA64
	}
	takesRGBA64 struct {
		givesRGBA64
		WSetRGBA64 func(x, y int, c color.RGBA64)
	}
	givesIndices struct {
		WColorIndexAt func(x, y int) uint8
	}
	isSwitch    struct{ WIsBoolFlag func() bool }
	givesUint64 struct{ WUint64 func() uint64 }
	closesIdle  struct{ WCloseIdleConnections func() }
)

func (p writesTo) WriteTo(w io.Writer) (int64, error)          { return p.WWriteTo(w) }
func (p readsFrom) ReadFrom(r io.Reader) (int64, error)        { return p.WReadFrom(r) }
func (p readsBytes) ReadByte() (byte, error)                   { return p.WReadByte() }
func (p readsRunes) ReadRune() (rune, int, error)              { return p.WReadRune() }
func (p readsRunes) UnreadRune() error                         { return p.WUnreadRune() }
func (p closes) Close() error                                  { return p.WClose() }
func (p writesStrings) WriteString(s string) (int, error)      { return p.WWriteString(s) }
func (p writesBytes) WriteByte(b byte) error                   { return p.WWriteByte(b) }
func (p writesBytes) Flush() error                             { return p.WFlush() }
func (p readsDirs) ReadDir(name string) ([]fs.DirEntry, error) { return p.WReadDir(name) }
func (p readsFiles) ReadFile(name string) ([]byte, error)      { return p.WReadFile(name) }
func (p stats) Stat(name string) (fs.FileInfo, error)          { return p.WStat(name) }
func (p globs) Glob(pattern string) ([]string, error)          { return p.WGlob(pattern) }
func (p subs) Sub(dir string) (fs.FS, error)                   { return p.WSub(dir) }
func (p readsDir) ReadDir(n int) ([]fs.DirEntry, error)        { return p.WReadDir(n) }
func (p seeks) Seek(offset int64, whence int) (int64, error)   { return p.WSeek(offset, whence) }
func (p readsAt) ReadAt(b []byte, off int64) (int, error)      { return p.WReadAt(b, off) }
func (p flushes) Flush()                                       { p.WFlush() }
func (p unwraps) Unwrap() http.ResponseWriter                  { return p.WUnwrap() }
func (p hijacks) Hijack() (net.Conn, *bufio.ReadWriter, error) { return p.WHijack() }
func (p tellsOpaque) Opaque() bool                             { return p.WOpaque() }
func (p givesRGBA64) RGBA64At(x, y int) color.RGBA64           { return p.WRGBA64At(x, y) }
func (p takesRGBA64) SetRGBA64(x, y int, c color.RGBA64)       { p.WSetRGBA64(x, y, c) }
func (p givesIndices) ColorIndexAt(x, y int) uint8             { return p.WColorIndexAt(x, y) }
func (p isSwitch) IsBoolFlag() bool                            { return p.WIsBoolFlag() }
func (p givesUint64) Uint64() uint64                           { return p.WUint64() }
func (p closesIdle) CloseIdleConnections()                     { p.WCloseIdleConnections() }
