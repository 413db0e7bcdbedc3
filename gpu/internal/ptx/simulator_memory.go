package ptx

import (
	"fmt"

	"surprisal/gpu/internal/driver"
)

func (s *Simulator) memoryCalls(c *driver.Calls) {
	alloc := func(n uint64) (a driver.Address, code driver.Code) {
		code = s.locked(func() driver.Code {
			switch {
			case n == 0:
				return s.fails(driver.InvalidValue, "an allocation of nothing")
			case n > s.Memory-s.used:
				return s.fails(driver.OutOfMemory, "%d bytes of %d are in use, %d more are wanted", s.used, s.Memory, n)
			}
			// What is allocated has no name: its number and size will do.
			a = driver.Address(s.Machine.Alloc(fmt.Sprintf("%d (%d bytes)", s.Machine.next+1, n), int(n)))
			s.sizes[a] = n
			s.used += n
			return driver.Success
		})
		return a, code
	}
	free := func(a driver.Address) driver.Code {
		n, ok := s.sizes[a]
		if !ok {
			return s.fails(driver.InvalidValue, "%#x is given back and was not allocated", a)
		}
		delete(s.sizes, a)
		s.used -= n
		if s.Machine.Free(uint64(a)) != nil {
			panic("ptx: internal error: an allocation that the machine does not know")
		}
		return driver.Success
	}
	c.MemAlloc = alloc
	c.MemFree = func(a driver.Address) driver.Code {
		return s.locked(func() driver.Code {
			// It waits for the whole device.
			for _, q := range s.streams {
				if code := s.finish(q); code != driver.Success {
					return code
				}
			}
			return free(a)
		})
	}
	c.MemAllocAsync = func(n uint64, h driver.Stream) (driver.Address, driver.Code) { return alloc(n) }
	c.MemFreeAsync = func(a driver.Address, h driver.Stream) driver.Code {
		return s.locked(func() driver.Code { return s.give(h, func() driver.Code { return free(a) }) })
	}
	c.DefaultPool = func(driver.Device) (driver.Pool, driver.Code) { return 1, driver.Success }
	c.PoolTrim = func(driver.Pool, uint64) driver.Code { return s.locked(func() driver.Code { return driver.Success }) }
	c.PoolThreshold = c.PoolTrim
	s.hostCalls(c)
	s.copyCalls(c)
}

func (s *Simulator) hostCalls(c *driver.Calls) {
	c.HostAlloc = func(n uint64, _ uint32) (b []byte, code driver.Code) {
		code = s.locked(func() driver.Code {
			if n == 0 {
				return s.fails(driver.InvalidValue, "an allocation of nothing")
			}
			b = make([]byte, n)
			s.host[&b[0]] = hostMemory{}
			return driver.Success
		})
		return b, code
	}
	c.HostFree = func(b []byte) driver.Code {
		if len(b) == 0 {
			return driver.InvalidValue
		}
		s.mu.Lock()
		if m := s.host[&b[0]]; m.address != 0 {
			_ = s.Machine.Free(m.address) // it is known to be there
		}
		s.mu.Unlock()
		return drop(s, s.host, &b[0])
	}
	c.HostDeviceAddress = func(b []byte) (a driver.Address, code driver.Code) {
		code = s.locked(func() driver.Code {
			if len(b) == 0 {
				return s.fails(driver.InvalidValue, "no memory of the host")
			}
			m, ok := s.host[&b[0]]
			if !ok {
				return s.fails(driver.InvalidValue, "memory of the host that was not allocated for devices")
			}
			if m.address == 0 {
				m.address = s.Machine.share("of the host", b)
				s.host[&b[0]] = m
			}
			a = driver.Address(m.address)
			return driver.Success
		})
		return a, code
	}
}

func (s *Simulator) copyCalls(c *driver.Calls) {
	done := func(err error) driver.Code {
		if err != nil {
			return s.fails(driver.IllegalAddress, "%v", err)
		}
		return driver.Success
	}
	c.CopyToDevice = func(dst driver.Address, src []byte, h driver.Stream) driver.Code {
		return s.locked(func() driver.Code {
			return s.give(h, func() driver.Code { return done(s.Machine.Write(uint64(dst), src)) })
		})
	}
	c.CopyToHost = func(dst []byte, src driver.Address, h driver.Stream) driver.Code {
		return s.locked(func() driver.Code {
			return s.give(h, func() driver.Code { return done(s.Machine.Read(uint64(src), dst)) })
		})
	}
	c.Fill = func(dst driver.Address, v byte, n uint64, h driver.Stream) driver.Code {
		return s.locked(func() driver.Code {
			return s.give(h, func() driver.Code {
				b := make([]byte, n)
				for i := range b {
					b[i] = v
				}
				return done(s.Machine.Write(uint64(dst), b))
			})
		})
	}
}

// share makes a buffer of bytes that somebody else has and has written.
func (m *Machine) share(name string, bytes []byte) uint64 {
	at := m.Alloc(name, len(bytes))
	b := m.buffers[at>>bufferBits]
	b.bytes, b.unknown = bytes, 0
	return at
}
