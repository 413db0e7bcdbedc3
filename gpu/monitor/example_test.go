package monitor_test

import (
	"context"
	"encoding/json"
	"fmt"

	"surprisal/gpu/monitor"
)

func ExampleValue() {
	for _, v := range []monitor.Value{monitor.Of(412.3, "W"), monitor.Of(13<<30, "B"), monitor.Without("%", monitor.Unsupported)} {
		wire, _ := json.Marshal(v)
		fmt.Println(v, string(wire))
	}
	// Output:
	// 412 W {"value":412.3,"unit":"W","status":"ok"}
	// 13.0 GiB {"value":13958643712,"unit":"B","status":"ok"}
	// unsupported {"value":null,"unit":"%","status":"unsupported"}
}

func ExampleDevice_Share() {
	d := monitor.Device{Processes: monitor.Processes{Status: monitor.OK, List: []monitor.Process{
		{PID: 42, Memory: monitor.Of(3<<30, "B"), Utilisation: monitor.Of(41, "%")},
	}}}
	fmt.Println(d.Share(42).Memory, d.Share(7).Memory)
	// Output: 3.0 GiB 0 B
}

func ExamplePoller() {
	p := monitor.NewPoller(monitor.Auto{First: monitor.Nothing{Reason: "no driver"}, Otherwise: monitor.Demo{}})
	_, next, stop := p.Subscribe()
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go p.Run(ctx)
	s := <-next
	fmt.Println(s.Source, len(s.Devices), s.Reason)
	// Output: demo 1 no driver
}
