// Package monitor tells what the GPUs of this machine do: utilisation, memory,
// power, temperature and clock, once a second, and which processes share them.
//
// A Source reads devices: nvml of package monitor/nvml, or Demo, whose numbers
// are made up and say so. A Poller asks it once a second and gives every reader
// the newest Snapshot; a driver call that hangs makes the values of its device
// stale and nothing else. A Server passes snapshots on to other processes, a
// Client receives them:
//
//	s, err := monitor.Read(ctx) // one snapshot of the monitor that runs
//	fmt.Println(s)
//
// The driver's library lives in a process of its own, surprisal monitor: what
// it does to its process, it does not do to a notebook.
//
// # Wire format
//
// The monitor listens on a Unix socket, which only its user may open. It sends
// lines of JSON, UTF-8, each a Snapshot: first those of the last minute that it
// still has, oldest first, then one a second. Clients send nothing. A reader
// that is slow misses snapshots, never delays them; one that has not taken a
// line for ten seconds is let go. The units of a value stand beside it, and the
// value of what is not known is null, never 0:
//
//	{"version":1,"time":"2026-01-02T03:04:05.6Z","source":"nvml","driver":"580.65.06",
//	 "devices":[{"index":0,"name":"NVIDIA H200","uuid":"GPU-…","read":"2026-01-02T03:04:05.6Z",
//	   "utilisation":{"value":73,"unit":"%","status":"ok"},
//	   "power_limit":{"value":null,"unit":"W","status":"unsupported"}, …
//	   "processes":{"status":"ok","read":"…","list":[{"pid":4242,
//	     "memory":{"value":3221225472,"unit":"B","status":"ok"}, …}]}}]}
//
// A reader must take fields that it does not know for a newer monitor's, and
// refuse another version.
package monitor
