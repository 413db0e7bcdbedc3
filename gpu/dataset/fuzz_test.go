package dataset_test

import (
	"archive/zip"
	"bytes"
	"image"
	"testing"

	"surprisal/gpu/dataset"
)

func zipFile(t testing.TB, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A reader gives a value or an error, never both, never neither, and never
// panics.

func FuzzRawGray16(f *testing.F) {
	f.Add(raw(1, 2, 3, 4), 2, 2)
	f.Add(zipped(f, raw(1, 2, 3, 4)), 4, 1)
	f.Add([]byte{0x1f, 0x8b, 8}, 1, 1)
	f.Fuzz(func(t *testing.T, b []byte, w, h int) {
		g, err := dataset.ReadRawGray16(bytes.NewReader(b), w, h)
		if (g == nil) != (err != nil) {
			t.Fatalf("image %v with error %v", g, err)
		}
		if g != nil && (g.Width() != w || g.Height() != h) {
			t.Fatalf("%v, want %d×%d", g, w, h)
		}
	})
}

func FuzzRawFloat64(f *testing.F) {
	f.Add(floats64(1, 2), 2, 1)
	f.Add(zipped(f, floats64(1, 2, 3, 4)), 2, 2)
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0}, 1, 1)
	f.Fuzz(func(t *testing.T, b []byte, rows, columns int) {
		a, err := dataset.ReadRawFloat64(bytes.NewReader(b), rows, columns)
		if (a == nil) != (err != nil) {
			t.Fatalf("array %v with error %v", a, err)
		}
		if a == nil {
			return
		}
		c, err := a.Columns()
		if err != nil || len(c) != columns || len(c[0]) != rows {
			t.Fatalf("%d columns of %v, %v", len(c), a, err)
		}
		if len(b) == 8*rows*columns { // not packed: the same bytes come back
			v, _ := a.Floats()
			if !bytes.Equal(floats64(v...), b) {
				t.Fatalf("%v is not what the bytes say", v)
			}
		}
	})
}

func FuzzGray(f *testing.F) {
	f.Add(encode(f, image.NewGray(image.Rect(0, 0, 3, 2))))
	f.Add(encode(f, image.NewGray16(image.Rect(0, 0, 1, 1))))
	f.Add(encode(f, image.NewRGBA(image.Rect(0, 0, 2, 2))))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := dataset.ReadGray(bytes.NewReader(b))
		if (g == nil) != (err != nil) {
			t.Fatalf("image %v with error %v", g, err)
		}
	})
}

func FuzzNPY(f *testing.F) {
	f.Add(npyBytes("{'descr': '<i2', 'fortran_order': True, 'shape': (2, 1), }", "\x00\x01\x02\x03"))
	f.Add(npyBytes("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", "\x00\x01\x02\x03\x04\x05\x06\x07"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := dataset.ReadNPY(bytes.NewReader(b))
		if (a == nil) != (err != nil) {
			t.Fatalf("array %v with error %v", a, err)
		}
		if a != nil {
			a.Gray() // must not panic, whatever the shape
		}
	})
}

func FuzzNPZ(f *testing.F) {
	f.Add(zipFile(f, "a.npy", string(npyBytes("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", "\x00"))))
	f.Fuzz(func(t *testing.T, b []byte) {
		z, err := dataset.ReadNPZ(bytes.NewReader(b))
		if (z == nil) != (err != nil) {
			t.Fatalf("archive %v with error %v", z, err)
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("# x\n\"a\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := dataset.ReadCSV(bytes.NewReader(b))
		if (table == nil) != (err != nil) {
			t.Fatalf("table %v with error %v", table, err)
		}
		if table == nil {
			return
		}
		for _, c := range table.Columns {
			if s, err := table.Strings(c); err != nil || len(s) != table.Rows {
				t.Fatalf("column %q: %d values of %d, %v", c, len(s), table.Rows, err)
			}
		}
	})
}
