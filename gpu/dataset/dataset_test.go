package dataset_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npy"
	"github.com/sbinet/npyio/npz"

	"surprisal/gpu/dataset"
)

func wantError(t *testing.T, name string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: error %v, want one with %q", name, err, want)
	} else if !strings.HasPrefix(err.Error(), "dataset: ") {
		t.Errorf("%s: the error %q does not name its package", name, err)
	}
}

func raw(values ...uint16) []byte {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

func zipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRawGray16(t *testing.T) {
	values := []uint16{0, 1, 256, 0x1234, 65535, 7}
	for name, b := range map[string][]byte{"plain": raw(values...), "gzip": zipped(t, raw(values...))} {
		g, err := dataset.ReadRawGray16(bytes.NewReader(b), 3, 2)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, v := range values {
			if g.Value(i%3, i/3) != int(v) {
				t.Errorf("%s: value %d is %d, want %d", name, i, g.Value(i%3, i/3), v)
			}
		}
	}
	one, err := dataset.ReadRawGray16(bytes.NewReader(raw(9)), 1, 1)
	if err != nil || one.Value(0, 0) != 9 {
		t.Errorf("one pixel: %v, %v", one, err)
	}
}

func TestRawGray16BadInput(t *testing.T) {
	good := zipped(t, raw(make([]uint16, 5000)...))
	flipped := slices.Clone(good)
	flipped[len(flipped)-6] ^= 1 // the checksum
	for _, c := range []struct {
		name string
		b    []byte
		w, h int
		want string
	}{
		{"empty file", nil, 2, 2, "the file is empty"},
		{"one byte short", raw(1, 2)[:3], 2, 1, "3 bytes, but 2×1 pixels of 16 bits take 4; check width and height"},
		{"too long", raw(1, 2, 3), 2, 1, "6 or more bytes"},
		{"wrong width", good, 100, 49, "take 9800"},
		{"truncated gzip", good[:len(good)/2], 100, 50, "the gzip data ends too early"},
		{"gzip header only", good[:4], 100, 50, "the gzip data ends too early"},
		{"damaged gzip", flipped, 100, 50, "the gzip data is damaged"},
		{"unpacks to more", zipped(t, make([]byte, 1<<24)), 2, 1, "or more bytes"},
		{"no width", good, 0, 50, "0×50 pixels was asked for"},
		{"huge", good, 1 << 40, 1 << 40, "was asked for"},
	} {
		g, err := dataset.ReadRawGray16(bytes.NewReader(c.b), c.w, c.h)
		if g != nil {
			t.Errorf("%s: got an image", c.name)
		}
		wantError(t, c.name, err, c.want)
	}
}

func encode(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGray(t *testing.T) {
	g8, g16 := image.NewGray(image.Rect(0, 0, 5, 1)), image.NewGray16(image.Rect(0, 0, 1, 4))
	for i := range 5 {
		g8.SetGray(i, 0, color.Gray{Y: uint8(50 * i)})
	}
	for i := range 4 {
		g16.SetGray16(0, i, color.Gray16{Y: uint16(20000 * i)})
	}
	a, err := dataset.ReadGray(bytes.NewReader(encode(t, g8)))
	if err != nil || a.Depth() != 8 || a.Width() != 5 || a.Value(3, 0) != 150 {
		t.Errorf("8 bits, one row: %v, %v", a, err)
	}
	b, err := dataset.ReadGray(bytes.NewReader(encode(t, g16)))
	if err != nil || b.Depth() != 16 || b.Height() != 4 || b.Value(0, 3) != 60000 {
		t.Errorf("16 bits, one column: %v, %v", b, err)
	}
}

func TestImageBadInput(t *testing.T) {
	gray := encode(t, image.NewGray(image.Rect(0, 0, 40, 30)))
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewRGBA(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	bomb := slices.Clone(gray)
	binary.BigEndian.PutUint32(bomb[16:], 1<<30) // the width, and below its checksum
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	spoilt := slices.Clone(gray)
	spoilt[len(spoilt)-20] ^= 1
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"empty", nil, "the file is empty"},
		{"text", []byte("hello, this is text"), "neither PNG nor JPEG"},
		{"truncated", gray[:len(gray)-20], "ends too early"},
		{"header only", gray[:10], "ends too early"},
		{"colours", encode(t, image.NewRGBA(image.Rect(0, 0, 4, 4))), "imaging.Luma"},
		{"jpeg with colours", photo.Bytes(), "imaging.Luma"},
		{"announces too much", bomb, "announces 1073741824×30 pixels"},
		{"damaged", spoilt, "the image is damaged"},
	} {
		g, err := dataset.ReadGray(bytes.NewReader(c.b))
		if g != nil {
			t.Errorf("%s: got an image", c.name)
		}
		wantError(t, c.name, err, c.want)
	}
	if img, err := dataset.ReadImage(bytes.NewReader(photo.Bytes())); err != nil || img.Bounds().Dx() != 8 {
		t.Errorf("jpeg: %v, %v", img, err)
	}
}

// The arrays are written by npyio, whose writer is sound.
func TestNPY(t *testing.T) {
	for _, v := range []any{[]float64{1, math.Inf(-1), 3}, []float32{0.5, 2}, []int16{-5, 700}, []uint8{9, 255}, []int32{-1}, []uint64{1 << 60}, []bool{true, false}, []int8{-128}, []uint16{65535}, []int64{-1 << 60}, []uint32{1 << 31}} {
		var b bytes.Buffer
		if err := npy.Write(&b, v); err != nil {
			t.Fatal(err)
		}
		a, err := dataset.ReadNPY(&b)
		if err != nil || fmt.Sprint(a.Data) != fmt.Sprint(v) || fmt.Sprintf("%T", a.Data) != fmt.Sprintf("%T", v) {
			t.Errorf("%T %v came back as %v, %v", v, v, a, err)
		}
	}
}

func npyBytes(header, data string) []byte {
	return []byte("\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(header)))) + header + data)
}

func TestNPYLayouts(t *testing.T) {
	for _, c := range []struct {
		name, header, data string
		want               string
	}{
		{"C order", "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }", "\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00\x06\x00", "[2 3] [1 2 3 4 5 6]"},
		{"Fortran order", "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }", "\x01\x00\x04\x00\x02\x00\x05\x00\x03\x00\x06\x00", "[2 3] [1 2 3 4 5 6]"},
		{"big endian", "{'descr': '>i2', 'fortran_order': False, 'shape': (1,), }", "\x01\x02", "[1] [258]"},
		{"single value", "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", "\x00\x00\x00\x00\x00\x00\xf0\x3f", "[] [1]"},
		{"keys in another order", `{"shape":(2,),"fortran_order":False,"descr":"|u1"}`, "\x07\x08", "[2] [7 8]"},
		{"no values", "{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }", "", "[0] []"},
	} {
		a, err := dataset.ReadNPY(bytes.NewReader(npyBytes(c.header, c.data)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := fmt.Sprint(a.Shape, a.Data); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestNPYBadInput(t *testing.T) {
	const head = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }"
	good := npyBytes(head, strings.Repeat("\x00", 12))
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"empty", nil, "the file is empty"},
		{"not NumPy", []byte("PK\x03\x04 something"), "not a NumPy array"},
		{"magic only", good[:8], "ends within its header"},
		{"header cut", good[:20], "ends within its header"},
		{"values missing", good[:len(good)-1], "announces 6 values of 2 bytes, but 11 bytes follow"},
		{"values left over", append(slices.Clone(good), 0), "13 bytes follow"},
		{"version", append([]byte("\x93NUMPY\x09\x00"), good[8:]...), "version 9.0 is not known"},
		{"objects", npyBytes(strings.Replace(head, "<i2", "|O", 1), ""), "of type \"|O\" are not read"},
		{"text", npyBytes(strings.Replace(head, "<i2", "<U8", 1), strings.Repeat("\x00", 48)), "only numbers are"},
		{"records", npyBytes("{'descr': [('a', '<i2')], 'fortran_order': False, 'shape': (2,), }", ""), "header is damaged or of a type"},
		{"no shape", npyBytes("{'descr': '<i2', 'fortran_order': False}", ""), "header is damaged"},
		{"huge shape", npyBytes(strings.Replace(head, "2, 3", "4000000000, 4000000000, 4000000000", 1), ""), "too large"},
		{"huge number", npyBytes(strings.Replace(head, "2, 3", strings.Repeat("9", 40), 1), ""), "too large"},
		{"Fortran, 3 dimensions", npyBytes("{'descr': '|u1', 'fortran_order': True, 'shape': (1, 1, 1), }", "\x00"), "ascontiguousarray"},
	} {
		a, err := dataset.ReadNPY(bytes.NewReader(c.b))
		if a != nil {
			t.Errorf("%s: got %v", c.name, a)
		}
		wantError(t, c.name, err, c.want)
	}
}

func TestArrayGray(t *testing.T) {
	for _, c := range []struct {
		name string
		a    dataset.Array
		want string // of the error; empty: none
	}{
		{"elevation", dataset.Array{Shape: []int{1, 2}, Data: []int16{236, 1076}}, ""},
		{"whole floats", dataset.Array{Shape: []int{2, 1}, Data: []float64{0, 65535}}, ""},
		{"below the sea", dataset.Array{Shape: []int{2, 2}, Data: []int16{4, 5, 6, -7}}, "value -7 at column 1, row 1 is below 0"},
		{"fraction", dataset.Array{Shape: []int{1, 2}, Data: []float32{1, 1.5}}, "value 1.5 at row 0, column 1"},
		{"NaN", dataset.Array{Shape: []int{1, 1}, Data: []float64{math.NaN()}}, "value NaN"},
		{"too large", dataset.Array{Shape: []int{1, 1}, Data: []int32{65536}}, "value 65536"},
		{"one dimension", dataset.Array{Shape: []int{2}, Data: []int16{1, 2}}, "needs 2"},
		{"no rows", dataset.Array{Shape: []int{0, 2}, Data: []int16{}}, "empty"},
		{"truth values", dataset.Array{Shape: []int{1, 1}, Type: "|b1", Data: []bool{true}}, "has no numbers"},
	} {
		g, err := c.a.Gray()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (g != nil || err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, error %v, want one with %q", c.name, g, err, c.want)
		}
	}
}

func TestNPZ(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	if err := npz.Write(path, map[string]any{"dx.npy": 2.5, "xs.npy": []int16{1, 2, 3}}); err != nil {
		t.Fatal(err)
	}
	z, err := dataset.NPZ(path)
	if err != nil {
		t.Fatal(err)
	}
	if dx, err := z.Float("dx"); err != nil || dx != 2.5 {
		t.Errorf("dx is %v, %v; want 2.5", dx, err)
	}
	if _, err := z.Float("xs"); err == nil || !strings.Contains(err.Error(), "an array of 3 values is not a single number") {
		t.Errorf("xs as a number: %v", err)
	}
	_, err = z.Array("dy")
	wantError(t, "no such array", err, `no array "dy" in the archive: there are `)

	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"empty", nil, "the file is empty"},
		{"truncated", b[:len(b)-30], "ends too early"},
		{"no array", zipFile(t, "readme.txt", "hello"), "holds no NumPy array"},
		{"array that is none", zipFile(t, "x.npy", "hello"), "x: not a NumPy array"},
	} {
		z, err := dataset.ReadNPZ(bytes.NewReader(c.b))
		if z != nil {
			t.Errorf("%s: got %v", c.name, z)
		}
		wantError(t, c.name, err, c.want)
	}
}

func TestCSV(t *testing.T) {
	table, err := dataset.ReadCSV(strings.NewReader("# monthly\n\"YEAR\", price\n1990,1.5\n1991,\n1992,NA\n"))
	if err != nil {
		t.Fatal(err)
	}
	if table.String() != "table, 3 rows: YEAR, price" {
		t.Errorf("got %s", table)
	}
	p, err := table.Floats("price")
	if err != nil || len(p) != 3 || p[0] != 1.5 || !math.IsNaN(p[1]) || !math.IsNaN(p[2]) {
		t.Errorf("price: %v, %v; want 1.5 and twice NaN", p, err)
	}
	_, err = table.Floats("date")
	wantError(t, "no such column", err, `no column "date": there are YEAR, price`)
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "the file is empty"},
		{"only comments", "# a\n# b\n", "no line of column names"},
		{"ragged", "a,b\n1,2\n3\n", "line 3: wrong number of fields: 1, the line of names has 2; if the file was cut short, fetch it again"},
		{"quote", "a,b\n\"1,2\n", "quote"},
	} {
		table, err := dataset.ReadCSV(strings.NewReader(c.text))
		if table != nil {
			t.Errorf("%s: got %v", c.name, table)
		}
		wantError(t, c.name, err, c.want)
	}
	words, err := dataset.ReadCSV(strings.NewReader("a\n1\nrain\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = words.Floats("a")
	wantError(t, "a word", err, `column "a", row 2: "rain" is not a number`)
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []string{"mine.csv", "matplotlib/mpl-data/sample_data/s1045.ima.gz", "statsmodels/datasets/sunspots/sunspots.csv", "vega_datasets/_data/seattle-weather.csv"} {
		p = filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte("a\n1\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(dataset.Variable, dir)
	for _, name := range []string{"mine.csv", "s1045.ima.gz", "sunspots.csv", "seattle-weather.csv", filepath.Join(dir, "mine.csv")} {
		if p, err := dataset.Find(name); err != nil || filepath.Base(p) != filepath.Base(name) {
			t.Errorf("%s: found %q, %v", name, p, err)
		}
	}
	_, err := dataset.Find("absent.csv")
	wantError(t, "absent", err, "neither in the current folder nor in the sample data")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v is not fs.ErrNotExist", err)
	}
	_, err = dataset.CSV(filepath.Join(dir, "no", "such.csv"))
	wantError(t, "absent path", err, "check the path")
	_, err = dataset.Gray(dir)
	wantError(t, "a folder", err, "name a file in it")
	t.Chdir(dir)
	_, err = dataset.Gray("matplotlib")
	wantError(t, "a folder here", err, "name a file in it")
	_, err = dataset.Find("")
	wantError(t, "no name", err, "is empty")

	t.Setenv(dataset.Variable, filepath.Join(dir, "gone"))
	_, err = dataset.Find("sunspots.csv")
	wantError(t, "folder gone", err, "which is not a folder")
	t.Setenv(dataset.Variable, "")
	_, err = dataset.CSV("matplotlib")
	wantError(t, "a folder here, no sample data", err, "name a file in it")
	_, err = dataset.CSV("sunspots.csv")
	wantError(t, "not set", err, "SURPRISAL_DATA is not set; `make demo` fetches the data")
	if !errors.Is(err, dataset.ErrNoData) {
		t.Errorf("not set: %v is not ErrNoData", err)
	}
}

func ExampleReadCSV() {
	t, err := dataset.ReadCSV(strings.NewReader("day,rain\n1,0\n2,7.5\n3,\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t)
	fmt.Println(t.Floats("rain"))
	// Output:
	// table, 3 rows: day, rain
	// [0 7.5 NaN] <nil>
}

func ExampleReadRawGray16() {
	file := []byte{0, 7, 1, 0} // two values, high byte first
	fmt.Println(dataset.ReadRawGray16(bytes.NewReader(file), 2, 1))
	fmt.Println(dataset.ReadRawGray16(bytes.NewReader(file), 2, 2))
	// Output:
	// grey image, 2×1 pixels of 16 bits, values 7–256 <nil>
	// <nil> dataset: 4 bytes, but 2×2 pixels of 16 bits take 8; check width and height
}
