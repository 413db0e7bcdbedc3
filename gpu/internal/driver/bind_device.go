//go:build linux && (amd64 || arm64)

package driver

func (l *library) bindDevices(c *Calls, at map[string]uintptr) {
	if f := at["Init"]; f != 0 {
		c.Init = func() Code { return l.plain(f, 0, 0, 0, 0) }
	}
	if f := at["Version"]; f != 0 {
		c.Version = l.number(f)
	}
	c.ErrorString = l.words(at["ErrorString"])
	if f := at["DeviceCount"]; f != 0 {
		c.DeviceCount = l.number(f)
	}
	if f := at["DeviceGet"]; f != 0 {
		c.DeviceGet = func(i int) (Device, Code) {
			v, code := l.word(f, uintptr(i), 0, 0)
			return Device(int32(v)), code
		}
	}
	if f := at["DeviceName"]; f != 0 {
		c.DeviceName = func(d Device) (string, Code) {
			b := make([]byte, 256)
			code := l.plain(f, uintptr(start(b)), uintptr(len(b)), uintptr(d), 0)
			return text(b), code
		}
	}
	if f := at["DeviceUUID"]; f != 0 {
		c.DeviceUUID = func(d Device) (id [16]byte, code Code) {
			b := make([]byte, 16)
			code = l.plain(f, uintptr(start(b)), uintptr(d), 0, 0)
			return [16]byte(b), code
		}
	}
	if f := at["DeviceTotalMem"]; f != 0 {
		c.DeviceTotalMem = func(d Device) (uint64, Code) { return l.word(f, uintptr(d), 0, 0) }
	}
	if f := at["DeviceAttribute"]; f != 0 {
		c.DeviceAttribute = func(a Attribute, d Device) (int, Code) {
			v, code := l.word(f, uintptr(a), uintptr(d), 0)
			return int(int32(v)), code
		}
	}
	l.bindContext(c, at)
}

func (l *library) bindContext(c *Calls, at map[string]uintptr) {
	if f := at["PrimaryCtxSetFlags"]; f != 0 {
		c.PrimaryCtxSetFlags = func(d Device, flags uint32) Code { return l.plain(f, uintptr(d), uintptr(flags), 0, 0) }
	}
	if f := at["PrimaryCtxRetain"]; f != 0 {
		c.PrimaryCtxRetain = func(d Device) (Context, Code) {
			v, code := l.word(f, uintptr(d), 0, 0)
			return Context(v), code
		}
	}
	if f := at["PrimaryCtxRelease"]; f != 0 {
		c.PrimaryCtxRelease = func(d Device) Code { return l.plain(f, uintptr(d), 0, 0, 0) }
	}
	if f := at["CtxSetCurrent"]; f != 0 {
		c.CtxSetCurrent = func(x Context) Code { return l.plain(f, uintptr(x), 0, 0, 0) }
	}
	if f := at["CtxSynchronize"]; f != 0 {
		c.CtxSynchronize = func() Code { return l.plain(f, 0, 0, 0, 0) }
	}
	if fn := at["MemInfo"]; fn != 0 {
		c.MemInfo = func() (free, total uint64, code Code) {
			f := l.frame()
			f.args = [11]uintptr{addr(&f.word[0]), addr(&f.word[1])}
			code = f.call(fn)
			free, total = f.word[0], f.word[1]
			l.done(f)
			return free, total, code
		}
	}
}

// number is a function that takes nothing and gives an int.
func (l *library) number(f uintptr) func() (int, Code) {
	return func() (int, Code) {
		v, code := l.word(f, 0, 0, 0)
		return int(int32(v)), code
	}
}

// words is a function that gives the text for a code.
func (l *library) words(fn uintptr) func(Code) string {
	if fn == 0 {
		return nil
	}
	return func(code Code) string {
		f := l.frame()
		f.args = [11]uintptr{uintptr(uint32(code)), addr(&f.ptr)}
		if f.call(fn) != Success {
			f.ptr = nil
		}
		s := gostring(f.ptr)
		l.done(f)
		return s
	}
}
