package boxes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"surprisal/gpu/internal/device"
)

// Times says how long each kernel takes, by waiting for each launch: a few
// microseconds too much.
func (w *Work) Times(ctx context.Context, t *device.Thread, s *device.Stream) (string, error) {
	took := map[string]time.Duration{}
	var names []string
	for i, l := range w.launches {
		if err := t.Wait(ctx, s); err != nil {
			return "", err
		}
		begin := time.Now()
		if err := w.Launch(t, s, i, i+1); err != nil {
			return "", err
		}
		if err := t.Wait(ctx, s); err != nil {
			return "", err
		}
		if took[l.Kernel.Name] == 0 {
			names = append(names, l.Kernel.Name)
		}
		took[l.Kernel.Name] += time.Since(begin)
	}
	var out []string
	for _, n := range names {
		out = append(out, fmt.Sprintf("%s %v", n, took[n].Round(time.Microsecond)))
	}
	return strings.Join(out, ", "), nil
}
