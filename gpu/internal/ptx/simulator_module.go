package ptx

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"surprisal/gpu/internal/driver"
)

// newestPTX is what CUDA 12.8 reads.
const newestPTX = 8.7

// load parses an image.
func (s *Simulator) load(image []byte, log *driver.Log) (*Module, driver.Code) {
	text, _, ended := bytes.Cut(image, []byte{0})
	refuse := func(code driver.Code, err error) (*Module, driver.Code) {
		if log != nil {
			copy(log.Error[:len(log.Error)-1], err.Error())
		}
		return nil, s.fails(code, "%v", err)
	}
	if !ended {
		return refuse(driver.InvalidImage, errors.New("the text has no NUL behind it"))
	}
	m, err := Parse(string(text))
	if err != nil {
		return refuse(driver.InvalidPTX, err)
	}
	if v, err := strconv.ParseFloat(m.Version, 64); err != nil || v > newestPTX {
		return refuse(driver.UnsupportedPTXVersion, fmt.Errorf("PTX %s: %v is the newest", m.Version, newestPTX))
	}
	number, only := strings.CutSuffix(strings.TrimPrefix(m.Target, "sm_"), "a")
	if n, err := strconv.Atoi(number); err != nil || n > 10*s.Major+s.Minor || only && n != 10*s.Major+s.Minor {
		return refuse(driver.NoBinaryForGPU, fmt.Errorf("code for %s on a device of compute capability %d.%d", m.Target, s.Major, s.Minor))
	}
	return m, driver.Success
}

func (s *Simulator) moduleCalls(c *driver.Calls) {
	c.ModuleLoad = func(image []byte, log *driver.Log) (h driver.Module, code driver.Code) {
		code = s.locked(func() driver.Code {
			m, code := s.load(image, log)
			if code == driver.Success {
				h = driver.Module(s.handle())
				s.modules[h] = m
			}
			return code
		})
		return h, code
	}
	c.ModuleUnload = func(m driver.Module) driver.Code { return drop(s, s.modules, m) }
	c.ModuleGetFunction = func(m driver.Module, name string) (f driver.Function, code driver.Code) {
		code = s.locked(func() driver.Code {
			module := s.modules[m]
			if module == nil {
				return s.fails(driver.InvalidHandle, "no such module")
			}
			e, err := module.Entry(name)
			if err != nil {
				return s.fails(driver.NotFound, "%v", err)
			}
			p, err := e.Program()
			if err != nil {
				return s.fails(driver.InvalidPTX, "%v", err)
			}
			f = driver.Function(s.handle())
			s.programs[f] = p
			return driver.Success
		})
		return f, code
	}
}

type link struct {
	log   *driver.Log
	image []byte
}

func (s *Simulator) linkCalls(c *driver.Calls) {
	c.LinkCreate = func(log *driver.Log) (h driver.Link, code driver.Code) {
		code = s.locked(func() driver.Code {
			h = driver.Link(s.handle())
			s.links[h] = &link{log: log}
			return driver.Success
		})
		return h, code
	}
	c.LinkAddPTX = func(h driver.Link, image []byte, _ string) driver.Code {
		return s.locked(func() driver.Code {
			l := s.links[h]
			if l == nil {
				return s.fails(driver.InvalidHandle, "no such link")
			}
			_, code := s.load(image, l.log)
			l.image = bytes.Clone(image)
			return code
		})
	}
	c.LinkComplete = func(h driver.Link) (image []byte, code driver.Code) {
		code = s.locked(func() driver.Code {
			l := s.links[h]
			if l == nil || l.image == nil {
				return s.fails(driver.InvalidHandle, "no such link, or nothing in it")
			}
			image = l.image
			return driver.Success
		})
		return image, code
	}
	c.LinkDestroy = func(h driver.Link) driver.Code { return drop(s, s.links, h) }
}
