package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // Image decodes JPEG
	_ "image/png"  // and PNG
	"io"
	"strings"

	"surprisal/gpu/imaging"
)

// RawGray16 reads an image of w × h unsigned 16-bit values, high byte first,
// without a header, from the file called name. A file that starts like gzip is
// unpacked.
func RawGray16(name string, w, h int) (*imaging.Gray, error) {
	return load(name, rawReader(w, h))
}

// ReadRawGray16 is RawGray16 for a reader.
func ReadRawGray16(r io.Reader, w, h int) (*imaging.Gray, error) {
	return stream(r, rawReader(w, h))
}

func rawReader(w, h int) func([]byte) (*imaging.Gray, error) {
	return func(b []byte) (*imaging.Gray, error) {
		if w < 1 || h < 1 || w > maxSide || h > maxSide {
			return nil, fmt.Errorf("an image of %d×%d pixels was asked for: a side may have 1 to %d", w, h, maxSide)
		}
		want := 2 * w * h
		b, err := gunzip(b, want)
		if err != nil {
			return nil, err
		}
		if len(b) != want {
			more := ""
			if len(b) > want {
				more = " or more" // unpacking stops there
			}
			return nil, fmt.Errorf("%d%s bytes, but %d×%d pixels of 16 bits take %d; check width and height", len(b), more, w, h, want)
		}
		pix := make([]uint16, w*h)
		for i := range pix {
			pix[i] = binary.BigEndian.Uint16(b[2*i:])
		}
		return imaging.NewGray16(w, h, pix)
	}
}

const maxSide = 1 << 16

// gunzip unpacks b if it is gzip. It stops one byte after want, so that a small
// file cannot unpack to a large one.
func gunzip(b []byte, want int) ([]byte, error) {
	if !bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		return b, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, gzipError(err)
	}
	out, err := io.ReadAll(io.LimitReader(z, int64(want)+1))
	if err != nil {
		return nil, gzipError(err)
	}
	return out, nil
}

func gzipError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the gzip data ends too early (%w); fetch the file again", err)
	}
	return fmt.Errorf("the gzip data is damaged (%w); fetch the file again", err)
}

// Gray reads a grey PNG image of 8 or 16 bits. Colours are an error that says
// how to make grey values of them.
func Gray(name string) (*imaging.Gray, error) { return load(name, decodeGray) }

// ReadGray is Gray for a reader.
func ReadGray(r io.Reader) (*imaging.Gray, error) { return stream(r, decodeGray) }

func decodeGray(b []byte) (*imaging.Gray, error) {
	img, err := decodeImage(b)
	if err != nil {
		return nil, err
	}
	switch img.(type) {
	case *image.Gray, *image.Gray16:
		return imaging.GrayOf(img)
	}
	return nil, fmt.Errorf("the image has colours (%T); read it with dataset.Image and make grey values with imaging.Luma", img)
}

// Image reads a PNG or JPEG image of any kind.
func Image(name string) (image.Image, error) { return load(name, decodeImage) }

// ReadImage is Image for a reader.
func ReadImage(r io.Reader) (image.Image, error) { return stream(r, decodeImage) }

// maxPixels keeps an image header of a few bytes from asking for all memory.
const maxPixels = 1 << 28

func decodeImage(b []byte) (image.Image, error) {
	head, _, err := image.DecodeConfig(asReader(b))
	if err == nil && head.Height > 0 && head.Width > maxPixels/head.Height {
		return nil, fmt.Errorf("the image announces %d×%d pixels: more than %d are not read", head.Width, head.Height, maxPixels)
	}
	var img image.Image
	if err == nil {
		img, _, err = image.Decode(asReader(b))
	}
	switch {
	case err == nil:
		return img, nil
	case errors.Is(err, image.ErrFormat):
		return nil, errors.New("neither PNG nor JPEG; raw values are read by RawGray16, arrays by NPY and NPZ")
	case strings.HasSuffix(err.Error(), "EOF"): // image/png hides it in a text
		return nil, fmt.Errorf("the image ends too early (%w); fetch the file again", err)
	}
	return nil, fmt.Errorf("the image is damaged, or of a kind that is not read (%w)", err)
}
