"""Times the Go kernel against ipykernel of the same environment.

    python kernel.py --out out/bench-kernel --roundtrip out/bench/roundtrip

Each figure is measured on both kernels in turn, so that a busy moment of the
machine meets both. Writes a table (.md) and every figure (.json).
"""

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import ipykernel
import jupyter_client
import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager

OURS, PEER = "surprisal", "python3"
KERNELS = (OURS, PEER)
PORTS = ("shell", "iopub", "stdin", "control", "hb")
LINES = 100_000
LONG = 20 << 20
CODE = {
    OURS: {
        "lines": f'for i := range {LINES} {{\n\tfmt.Println("line", i)\n}}',
        "long": f'fmt.Println(strings.Repeat("x", {LONG}))',
    },
    PEER: {
        "lines": f'for i in range({LINES}): print("line", i)',
        "long": f'print("x" * {LONG})',
    },
}
EXPECTED_LINES = "".join(f"line {i}\n" for i in range(LINES))


class Kernel:
    """A kernel process of ours, in a process group of its own."""

    def __init__(self, name, folder, env=None):
        self.name = name
        self.file = folder / f"{uuid.uuid4().hex}.json"
        ports = free_ports(len(PORTS))
        info = {"transport": "tcp", "ip": "127.0.0.1", "key": uuid.uuid4().hex, "signature_scheme": "hmac-sha256"}
        self.ports = set(ports)
        self.file.write_text(json.dumps(info | {f"{n}_port": p for n, p in zip(PORTS, ports)}))
        spec = KernelSpecManager().get_kernel_spec(name)
        argv = [a.replace("{connection_file}", str(self.file)) for a in spec.argv]
        if name == PEER:
            argv[0] = sys.executable
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            argv, env=os.environ | spec.env | (env or {}), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def listening(self):
        """Seconds from the start until all five ports listen, as the system
        tells it: a connection would be one more thing for the kernel to do."""
        while not self.ports <= listening_ports():
            assert self.process.poll() is None, f"{self.name} ended"
            assert time.perf_counter() < self.started + 60, f"{self.name} does not listen"
            time.sleep(0.0005)
        return time.perf_counter() - self.started

    def client(self):
        self.listening()  # or the client takes a slow start for a death
        kc = BlockingKernelClient(connection_file=str(self.file))
        kc.load_connection_file()
        kc.start_channels()
        kc.wait_for_ready(timeout=60)
        return kc

    def pss(self):
        """Proportional set size of the kernel and all it has started, in MB."""
        return sum(pss_of(pid) for pid in tree(self.process.pid)) / 1024

    def close(self):
        """The kernel's worker is a group of its own and ends with its link."""
        children = tree(self.process.pid)
        self.process.kill()
        self.process.wait()
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{pid}/smaps_rollup").exists() and alive(pid) for pid in children):
            assert time.monotonic() < deadline, f"{self.name} left processes behind"
            time.sleep(0.01)


def free_ports(n):
    with contextlib.ExitStack() as stack:
        context = stack.enter_context(zmq.Context())
        sockets = [stack.enter_context(context.socket(zmq.REP)) for _ in range(n)]
        return [s.bind_to_random_port("tcp://127.0.0.1") for s in sockets]


def listening_ports():
    ports = set()
    with open("/proc/net/tcp") as file:
        for line in file.readlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                ports.add(int(fields[1].split(":")[1], 16))
    return ports


def alive(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def tree(root):
    """root and its descendants."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
    found = [root]
    for pid in found:
        found += [p for p, parent in parents.items() if parent == pid]
    return found


def pss_of(pid):
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def reply(kc, msg_id):
    while True:
        msg = kc.get_shell_msg(timeout=120)
        if msg["parent_header"].get("msg_id") == msg_id:
            return msg


def until_idle(kc, msg_id):
    seen = []
    while True:
        msg = kc.get_iopub_msg(timeout=120)
        if msg["parent_header"].get("msg_id") == msg_id:
            if msg["msg_type"] == "status" and msg["content"]["execution_state"] == "idle":
                return seen
            seen.append(msg)


def timed_execute(kc, code):
    """Seconds to the reply; the rest of the request is read outside the time."""
    start = time.perf_counter()
    msg_id = kc.execute(code)
    content = reply(kc, msg_id)["content"]
    seconds = time.perf_counter() - start
    assert content["status"] == "ok", content
    return seconds, until_idle(kc, msg_id)


def timed_info(kc):
    start = time.perf_counter()
    msg_id = kc.kernel_info()
    reply(kc, msg_id)
    seconds = time.perf_counter() - start
    until_idle(kc, msg_id)
    return seconds


def timed_output(kc, code):
    """Seconds until the request is idle, and its text by message."""
    start = time.perf_counter()
    msg_id = kc.execute(code)
    seen = until_idle(kc, msg_id)
    seconds = time.perf_counter() - start
    reply(kc, msg_id)
    return seconds, [m["content"]["text"] for m in seen if m["msg_type"] == "stream" and m["content"]["name"] == "stdout"], seen


def start_times(folder, rounds):
    times = {name: [] for name in KERNELS}
    first = {name: [] for name in KERNELS}
    for n in range(rounds + 1):
        for name in KERNELS:
            kernel = Kernel(name, folder)
            try:
                seconds = kernel.listening()
                kc = kernel.client()
                timed_execute(kc, "1+1")
                if n > 0:  # the first start warms the page cache
                    times[name].append(seconds)
                    first[name].append(time.perf_counter() - kernel.started)
                kc.stop_channels()
            finally:
                kernel.close()
    return times, first


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))]


def ratios(times):
    """Peer over ours at p50 and p95."""
    return {f"p{round(100 * q)}": quantile(times[PEER], q) / quantile(times[OURS], q) for q in (0.5, 0.95)}


def unit(seconds):
    return f"{seconds * 1000:.2f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    memory = int(next(line.split()[1] for line in open("/proc/meminfo") if line.startswith("MemTotal"))) / 1048576
    return (f"{model}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, Linux {platform.release().split('-')[0]}, "
            f"Python {platform.python_version()}, ipykernel {ipykernel.__version__}, jupyter_client {jupyter_client.__version__}")  # fmt: skip


def measure(folder, roundtrip, rounds):
    figures, rows = {"machine": machine(), "date": time.strftime("%Y-%m-%d"), "load before": os.getloadavg()[0]}, []

    def row(what, times, want):
        r = ratios(times)
        figures[what] = {"seconds": times, "ratio": r}
        rows.append((what, unit(quantile(times[OURS], 0.5)), unit(quantile(times[PEER], 0.5)),
                     f"{r['p50']:.1f}×", f"{r['p95']:.1f}×", f"≥ {want}×" if want else "", not want or r["p50"] >= want))  # fmt: skip

    listen, first = start_times(folder, max(3, rounds // 20))
    kernels = {name: Kernel(name, folder) for name in KERNELS}
    try:
        clients = {name: kernel.client() for name, kernel in kernels.items()}
        for kc in clients.values():
            timed_execute(kc, "1+1")
        pss = {name: kernel.pss() for name, kernel in kernels.items()}

        one, info = ({name: [] for name in KERNELS} for _ in range(2))
        for n in range(rounds + 20):
            for name, kc in clients.items():
                seconds, seen = timed_execute(kc, "1+1")
                assert [m["content"]["data"]["text/plain"] for m in seen if m["msg_type"] == "execute_result"] == ["2"]
                if n >= 20:
                    one[name].append(seconds)
        for n in range(rounds + 20):
            for name, kc in clients.items():
                seconds = timed_info(kc)
                if n >= 20:
                    info[name].append(seconds)

        printed, messages = {name: [] for name in KERNELS}, {name: [] for name in KERNELS}
        for _ in range(max(3, rounds // 50)):
            for name, kc in clients.items():
                seconds, texts, _ = timed_output(kc, CODE[name]["lines"])
                assert "".join(texts) == EXPECTED_LINES, f"{name} lost lines"
                printed[name].append(seconds)
                messages[name].append(len(texts))

        for kc in clients.values():
            kc.stop_channels()
        done = subprocess.run([roundtrip, "-n", str(3 * rounds), *(kernels[n].file for n in KERNELS)],
                              capture_output=True, text=True, check=True)  # fmt: skip
        raw = {name: [ns / 1e9 for ns in values] for name, values in zip(KERNELS, json.loads(done.stdout))}
    finally:
        for kernel in kernels.values():
            kernel.close()

    row("`1+1` to its reply, jupyter_client", one, 4)
    row("`1+1` to its reply, raw Go client, back to back", raw, 8)
    row("process start to listening", listen, 10)
    row("process start to the reply to a first `1+1`", first, None)
    row("kernel_info to its reply", info, 2.5)
    row(f"{LINES:,} printed lines", printed, 3)
    count = {name: max(values) for name, values in messages.items()}
    figures["stream messages"] = messages
    rows.append((f"stream messages for {LINES:,} lines", count[OURS], count[PEER], "", "", "≤ 20", count[OURS] <= 20))
    figures["pss MB"] = pss
    rows.append(("memory (PSS, all processes) after `1+1`", f"{pss[OURS]:.0f} MB", f"{pss[PEER]:.0f} MB", "", "", "≤ 64 MB", pss[OURS] <= 64))

    for env, what in (({"SURPRISAL_OUTPUT": "all"}, "a line of 20 MiB, `SURPRISAL_OUTPUT=all`"), ({}, "a line of 20 MiB, output limits")):
        kernel = Kernel(OURS, folder, env)
        try:
            kc = kernel.client()
            seconds, texts, seen = timed_output(kc, CODE[OURS]["long"])
            text = "".join(texts)
            kc.stop_channels()
        finally:
            kernel.close()
        size = len(text.encode())
        figures[what] = {"bytes": size, "seconds": seconds, "messages": len(texts)}
        if env:
            right, want = text == "x" * LONG + "\n", "whole"
        else:
            # 2 MB, then the newest 512 KB and a sentence with the file's name.
            right, want = 2_000_000 <= size <= 3_000_000, "≤ 3 MB"
        rows.append((what, f"{size / 1e6:.1f} MB in {unit(seconds)}", "", "", "", want, right))
    return figures, rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--roundtrip", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=300)
    args = parser.parse_args()
    # ipykernel keeps a database of inputs in the user's folder; not ours to fill.
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IPYTHONDIR"] = folder
        figures, rows = measure(Path(folder), args.roundtrip, args.rounds)
    lines = [f"Measured {figures['date']} on {figures['machine']}, load {figures['load before']:.1f} before. "
             "Medians; ratios are ipykernel / surprisal.", "",
             "| | surprisal | ipykernel | ratio p50 | ratio p95 | wanted | |", "|---|---:|---:|---:|---:|---:|---|"]  # fmt: skip
    lines += [f"| {' | '.join(str(c) for c in r[:-1])} | {'' if r[-1] else 'missed'} |" for r in rows]
    table = "\n".join(lines) + "\n"
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.with_suffix(".md").write_text(table)
    args.out.with_suffix(".json").write_text(json.dumps(figures, indent=1))
    print(table)


if __name__ == "__main__":
    main()
