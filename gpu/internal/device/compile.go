package device

import (
	"bytes"
	"fmt"
	"runtime"

	"surprisal/gpu/internal/driver"
)

// compile has the driver make code for its device of PTX.
func (t *Thread) compile(name, ptx string) ([]byte, error) {
	c, d := t.d.calls, t.d
	log := new(driver.Log) // the driver writes to it until the link is destroyed
	defer runtime.KeepAlive(log)
	link, code := c.LinkCreate(log)
	if code != driver.Success {
		return nil, d.failed("LinkCreate", code)
	}
	defer d.try("LinkDestroy", func() driver.Code { return c.LinkDestroy(link) })
	if code := c.LinkAddPTX(link, append([]byte(ptx), 0), name); code != driver.Success {
		return nil, d.refused("LinkAddPTX", code, log)
	}
	image, code := c.LinkComplete(link)
	if code != driver.Success {
		return nil, d.refused("LinkComplete", code, log)
	}
	return bytes.Clone(image), nil
}

// refused is the error of a driver that did not compile.
func (d *Device) refused(call string, code driver.Code, log *driver.Log) error {
	if code == driver.UnsupportedPTXVersion {
		return &UnsupportedError{What: "this version of PTX", Driver: d.Driver}
	}
	return d.logged(d.failed(call, code), log)
}

// logged adds what the compiler said.
func (d *Device) logged(err error, log *driver.Log) error {
	if s := log.String(); s != "" {
		return fmt.Errorf("%w: %s", err, s)
	}
	return err
}
