//go:build linux && (amd64 || arm64)

package driver

import (
	"runtime"
	"unsafe"
)

// jitInput is CU_JIT_INPUT_PTX.
const jitInput = 1

// lay fills in the options of the compiler: where its remarks and errors go. A
// size is passed in place of a pointer.
func (log *Log) lay() {
	const info, infoSize, errors, errorSize = 3, 4, 5, 6
	log.options = [4]uint32{info, infoSize, errors, errorSize}
	log.values = [4]uintptr{addr(&log.Info), uintptr(len(log.Info)), addr(&log.Error), uintptr(len(log.Error))}
}

func (l *library) bindModules(c *Calls, at map[string]uintptr) {
	if fn := at["ModuleLoad"]; fn != 0 {
		c.ModuleLoad = func(image []byte, log *Log) (Module, Code) {
			log.lay()
			f := l.frame()
			f.args = [11]uintptr{addr(&f.word[0]), uintptr(start(image)), 4, addr(&log.options), addr(&log.values)}
			code := f.call(fn)
			v := f.word[0]
			l.done(f)
			runtime.KeepAlive(image)
			runtime.KeepAlive(log)
			return Module(v), code
		}
	}
	if f := at["ModuleUnload"]; f != 0 {
		c.ModuleUnload = func(m Module) Code { return l.plain(f, uintptr(m), 0, 0, 0) }
	}
	if f := at["ModuleGetFunction"]; f != 0 {
		c.ModuleGetFunction = func(m Module, name string) (Function, Code) {
			v, code := l.word(f, uintptr(m), uintptr(start(cstring(name))), 0)
			return Function(v), code
		}
	}
	l.bindLink(c, at)
	l.bindFunctions(c, at)
}

func (l *library) bindLink(c *Calls, at map[string]uintptr) {
	if fn := at["LinkCreate"]; fn != 0 {
		c.LinkCreate = func(log *Log) (Link, Code) {
			log.lay()
			f := l.frame()
			f.args = [11]uintptr{4, addr(&log.options), addr(&log.values), addr(&f.word[0])}
			code := f.call(fn)
			v := f.word[0]
			l.done(f)
			runtime.KeepAlive(log)
			return Link(v), code
		}
	}
	if fn := at["LinkAddPTX"]; fn != 0 {
		c.LinkAddPTX = func(k Link, ptx []byte, name string) Code {
			f, s := l.frame(), cstring(name)
			f.args = [11]uintptr{uintptr(k), jitInput, uintptr(start(ptx)), uintptr(len(ptx)), uintptr(start(s)), 0, 0, 0}
			code := f.call(fn)
			l.done(f)
			runtime.KeepAlive(ptx)
			runtime.KeepAlive(s)
			return code
		}
	}
	if fn := at["LinkComplete"]; fn != 0 {
		c.LinkComplete = func(k Link) ([]byte, Code) {
			f := l.frame()
			defer l.done(f)
			f.args = [11]uintptr{uintptr(k), addr(&f.ptr), addr(&f.word[0])}
			if code := f.call(fn); code != Success {
				return nil, code
			}
			return unsafe.Slice((*byte)(f.ptr), f.word[0]), Success
		}
	}
	if f := at["LinkDestroy"]; f != 0 {
		c.LinkDestroy = func(k Link) Code { return l.plain(f, uintptr(k), 0, 0, 0) }
	}
}

func (l *library) bindFunctions(c *Calls, at map[string]uintptr) {
	if fn := at["Launch"]; fn != 0 {
		c.Launch = func(k *Launch) Code { return l.launch(fn, k) }
	}
}

// launch passes the parameters as one buffer, which the driver copies.
func (l *library) launch(fn uintptr, k *Launch) Code {
	const end, buffer, size = 0, 1, 2 // CU_LAUNCH_PARAM_…
	f := l.frame()
	f.size = uintptr(len(k.Params))
	f.extra = [5]uintptr{buffer, uintptr(start(k.Params)), size, addr(&f.size), end}
	f.args = [11]uintptr{uintptr(k.Function), uintptr(k.Grid[0]), uintptr(k.Grid[1]), uintptr(k.Grid[2]),
		uintptr(k.Block[0]), uintptr(k.Block[1]), uintptr(k.Block[2]), uintptr(k.Shared), uintptr(k.Stream), 0, addr(&f.extra)}
	code := f.call(fn)
	l.done(f)
	runtime.KeepAlive(k)
	return code
}
