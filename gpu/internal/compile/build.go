package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// output is what a build makes.
type output struct {
	manifest *cuda.Manifest
	text     map[string]string // PTX by Image.Path
	structs  []byte
}

func build(root string, cc *compiler) (*output, error) {
	sources, err := filepath.Glob(filepath.Join(root, "cuda/*/*.cu"))
	if err != nil || len(sources) == 0 {
		return nil, fmt.Errorf("no sources in %s/cuda", root)
	}
	type job struct {
		source string
		target int
		text   string
		err    error
	}
	var jobs []*job
	for _, s := range sources {
		for t := range targets {
			jobs = append(jobs, &job{source: s, target: t})
		}
	}
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Go(func() { j.text, j.err = cc.compile(j.source, targets[j.target].arch, targets[j.target].feature) })
	}
	wg.Wait()

	out := &output{manifest: &cuda.Manifest{Compiler: cc.version}, text: map[string]string{}}
	var families []launch
	for _, j := range jobs {
		if j.err != nil {
			return nil, j.err
		}
		name := strings.TrimSuffix(filepath.Base(j.source), ".cu")
		image := cuda.Image{Family: name, Arch: targets[j.target].arch, Proofs: map[string]int{}}
		sum := sha256.Sum256([]byte(j.text))
		image.SHA256 = hex.EncodeToString(sum[:])
		module, err := ptx.Parse(j.text)
		if err != nil {
			return nil, fmt.Errorf("%s for %s: %w", name, image.Arch, err)
		}
		image.Version = module.Version
		launches, err := readLaunches(j.source)
		if err != nil {
			return nil, err
		}
		source, err := os.ReadFile(j.source)
		if err == nil {
			err = agree(string(source), launches)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", j.source, err)
		}
		kernels, err := describe(name, module, launches)
		if err != nil {
			return nil, fmt.Errorf("%s for %s: %w", name, image.Arch, err)
		}
		if j.target == 0 {
			out.manifest.Kernels = append(out.manifest.Kernels, kernels...)
			families = append(families, launches...)
		} else if n := len(out.manifest.Kernels); n < len(kernels) || !reflect.DeepEqual(out.manifest.Kernels[n-len(kernels):], kernels) {
			return nil, fmt.Errorf("%s: its kernels for %s are not those for %s", name, image.Arch, targets[0].arch)
		}
		out.manifest.Images = append(out.manifest.Images, image)
		out.text[image.Path()] = j.text
	}
	if out.structs, err = generate(families); err != nil {
		return nil, err
	}
	return out, out.keepProofs(root)
}

// keepProofs takes over the proofs of images that have not changed.
func (o *output) keepProofs(root string) error {
	old, err := readManifest(root)
	if err != nil {
		return err
	}
	for i := range o.manifest.Images {
		image := &o.manifest.Images[i]
		for _, was := range old.Images {
			if was.SHA256 == image.SHA256 && was.Path() == image.Path() && was.Proofs != nil {
				image.Proofs = was.Proofs
			}
		}
	}
	return nil
}

func readManifest(root string) (*cuda.Manifest, error) {
	var m cuda.Manifest
	data, err := os.ReadFile(filepath.Join(root, "cuda/manifest.json"))
	if os.IsNotExist(err) || len(data) == 0 {
		return &m, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	return &m, err
}

// files are all files but the images, by path.
func (o *output) files() (map[string][]byte, error) {
	data, err := json.MarshalIndent(o.manifest, "", "\t")
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"cuda/manifest.json": append(data, '\n'), "cuda/launch.go": o.structs}, nil
}

// compare names the files that differ. Of images it compares the text: their
// compressed bytes depend on the version of Go.
func (o *output) compare(root string) ([]string, error) {
	var differ []string
	files, err := o.files()
	if err != nil {
		return nil, err
	}
	for path, want := range files {
		if have, err := os.ReadFile(filepath.Join(root, path)); err != nil || !bytes.Equal(have, want) {
			differ = append(differ, path)
		}
	}
	for path, want := range o.text {
		have, err := unzip(filepath.Join(root, "cuda", path))
		if err != nil || have != want {
			differ = append(differ, "cuda/"+path)
		}
	}
	there, err := filepath.Glob(filepath.Join(root, "cuda/ptx/*/*.ptx.gz"))
	if len(there) != len(o.text) {
		differ = append(differ, fmt.Sprintf("cuda/ptx, which has %d images and not %d", len(there), len(o.text)))
	}
	return differ, err
}

func unzip(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(z)
	return string(text), err
}

// write writes the files that have changed and names them.
func (o *output) write(root string) ([]string, error) {
	files, err := o.files()
	if err != nil {
		return nil, err
	}
	for path, text := range o.text {
		if have, err := unzip(filepath.Join(root, "cuda", path)); err == nil && have == text {
			continue
		}
		if files["cuda/"+path], err = zip(text); err != nil {
			return nil, err
		}
	}
	var written []string
	for _, path := range slices.Sorted(maps.Keys(files)) {
		at := filepath.Join(root, path)
		if have, err := os.ReadFile(at); err == nil && bytes.Equal(have, files[path]) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return written, err
		}
		if err := os.WriteFile(at, files[path], 0o644); err != nil {
			return written, err
		}
		written = append(written, path)
	}
	return written, nil
}

func zip(text string) ([]byte, error) {
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return nil, err
	}
	err = w.Close()
	return z.Bytes(), err
}
