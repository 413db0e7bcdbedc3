package device

import "runtime"

// Thread is the permission to call the driver, for the goroutine inside of Do.
type Thread struct {
	d *Device
}

// Device is the device that the thread works for.
func (t *Thread) Device() *Device { return t.d }

// Do calls f tied to a thread of the system on which the device's context is
// current. The first Do makes the context. A Do of the same device may lie inside of
// f; one of another device would leave its own context behind. It returns what f
// returns, ErrClosed after Close, and the *LostError of a lost device.
func (d *Device) Do(f func(*Thread) error) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := d.begin(); err != nil {
		return err
	}
	t := &Thread{d}
	d.pool.adopt(t)
	defer func() { t.d = nil }()
	return f(t)
}

func (d *Device) enter() error {
	if lost := d.lost.Load(); lost != nil {
		return lost
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	d.active++
	return nil
}

func (d *Device) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.active--; d.active == 0 {
		d.idle.Broadcast()
	}
}

// alive is nil while the thread is inside of Do and its device is not lost.
func (t *Thread) alive() error {
	if t.d == nil {
		panic("gpu: internal error: a Thread is used outside of its Do")
	}
	if lost := t.d.lost.Load(); lost != nil {
		return lost
	}
	return nil
}
