//go:build linux && (amd64 || arm64)

package driver

import "unsafe"

func (l *library) bindMemory(c *Calls, at map[string]uintptr) {
	if f := at["MemAlloc"]; f != 0 {
		c.MemAlloc = func(n uint64) (Address, Code) {
			v, code := l.word(f, uintptr(n), 0, 0)
			return Address(v), code
		}
	}
	if f := at["MemFree"]; f != 0 {
		c.MemFree = func(a Address) Code { return l.plain(f, uintptr(a), 0, 0, 0) }
	}
	if f := at["MemAllocAsync"]; f != 0 {
		c.MemAllocAsync = func(n uint64, s Stream) (Address, Code) {
			v, code := l.word(f, uintptr(n), uintptr(s), 0)
			return Address(v), code
		}
	}
	if f := at["MemFreeAsync"]; f != 0 {
		c.MemFreeAsync = func(a Address, s Stream) Code { return l.plain(f, uintptr(a), uintptr(s), 0, 0) }
	}
	l.bindPool(c, at)
	l.bindHost(c, at)
	if f := at["CopyToDevice"]; f != 0 {
		c.CopyToDevice = func(dst Address, src []byte, s Stream) Code {
			return l.plain(f, uintptr(dst), uintptr(start(src)), uintptr(len(src)), uintptr(s))
		}
	}
	if f := at["CopyToHost"]; f != 0 {
		c.CopyToHost = func(dst []byte, src Address, s Stream) Code {
			return l.plain(f, uintptr(start(dst)), uintptr(src), uintptr(len(dst)), uintptr(s))
		}
	}
	if f := at["Fill"]; f != 0 {
		c.Fill = func(dst Address, v byte, n uint64, s Stream) Code {
			return l.plain(f, uintptr(dst), uintptr(v), uintptr(n), uintptr(s))
		}
	}
}

func (l *library) bindPool(c *Calls, at map[string]uintptr) {
	if f := at["DefaultPool"]; f != 0 {
		c.DefaultPool = func(d Device) (Pool, Code) {
			v, code := l.word(f, uintptr(d), 0, 0)
			return Pool(v), code
		}
	}
	if f := at["PoolTrim"]; f != 0 {
		c.PoolTrim = func(p Pool, keep uint64) Code { return l.plain(f, uintptr(p), uintptr(keep), 0, 0) }
	}
	if fn := at["PoolThreshold"]; fn != 0 {
		const releaseThreshold = 4
		c.PoolThreshold = func(p Pool, n uint64) Code {
			f := l.frame()
			f.word[0] = n
			f.args = [11]uintptr{uintptr(p), releaseThreshold, addr(&f.word[0])}
			code := f.call(fn)
			l.done(f)
			return code
		}
	}
}

func (l *library) bindHost(c *Calls, at map[string]uintptr) {
	if fn := at["HostAlloc"]; fn != 0 {
		c.HostAlloc = func(n uint64, flags uint32) ([]byte, Code) {
			f := l.frame()
			defer l.done(f)
			f.args = [11]uintptr{addr(&f.ptr), uintptr(n), uintptr(flags)}
			if code := f.call(fn); code != Success {
				return nil, code
			}
			return unsafe.Slice((*byte)(f.ptr), n), Success
		}
	}
	if f := at["HostFree"]; f != 0 {
		c.HostFree = func(b []byte) Code { return l.plain(f, uintptr(start(b)), 0, 0, 0) }
	}
	if f := at["HostDeviceAddress"]; f != 0 {
		c.HostDeviceAddress = func(b []byte) (Address, Code) {
			v, code := l.word(f, uintptr(start(b)), 0, 0)
			return Address(v), code
		}
	}
}
