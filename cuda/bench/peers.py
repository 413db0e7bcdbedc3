"""The work of surprisal bench gpu, as it is done with Python's libraries.

Reads a line of JSON, writes a line of JSON. First it says what there is:

    {"versions": {...}}

Then {"op": "te", ...}, {"op": "map", ...} or another is answered by one call of every peer:

    {"results": [{"peer": ..., "ms": ..., "host_ms": ..., "value": ...}]}

ms is the time on the device between two events, the L2 cache flushed before
them; host_ms is that from arrays of NumPy to the result in host memory. Both are
null where there is none. share is the part of the work that was done, where the
whole would take too long; times are for the whole then. A peer that fails gives
an "error".
"""
import json, math, os, sys, time

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print does not get among the answers

versions = {"python": sys.version.split()[0]}


def module(name):
    try:
        m = __import__(name, fromlist=["x"])
        versions[name.split(".")[0]] = str(__import__(name.split(".")[0]).__version__)
        return m
    except Exception as e:
        versions[name.split(".")[0]] = "not there" if isinstance(e, ImportError) else f"fails: {e}"


np = module("numpy")
torch = module("torch") if np else None
if torch and not torch.cuda.is_available():
    versions["torch"] += ", which sees no GPU"
    torch = None
cupy = module("cupy") if np else None
cucim = module("cucim.skimage.filters.rank") if cupy else None
skimage = module("skimage.filters.rank") if np else None
if torch:
    versions["torch device"] = torch.cuda.get_device_name(0)
    flush = torch.empty(256 << 20, dtype=torch.uint8, device="cuda")


def timed(f):
    """Milliseconds on the device and the result."""
    flush.zero_()
    a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    a.record()
    out = f()
    b.record()
    torch.cuda.synchronize()
    return a.elapsed_time(b), out


# Transfer entropy by comparing all rows with all rows, in float32 as users do.


def counts(q, c, first, k, groups):
    """Neighbours in the marginals of rows first... of q among all rows of c."""
    parts, at = [], 0
    for g in groups:
        d = (q[at][:, None] - c[at][None, :]).abs()
        for j in range(at + 1, at + g):
            d = torch.maximum(d, (q[j][:, None] - c[j][None, :]).abs())
        parts.append(d)
        at += g
    x, y, z = parts
    xz, yz = torch.maximum(x, z), torch.maximum(y, z)
    joint = torch.maximum(xz, y)
    joint.diagonal(first).fill_(math.inf)
    e = joint.topk(k, dim=1, largest=False).values[:, -1:]
    return [(d < e).sum(1) - 1 for d in (xz, yz, z)]


def psi(k):
    """Digamma of a whole number."""
    return sum(1 / i for i in range(1, k)) - 0.57721566490153286


def estimate(n3, k):
    xz, yz, z = (torch.special.digamma(n.double() + 1) for n in n3)
    return psi(k) - (xz + yz - z).mean()


def te_rows(c, k, groups, rows):
    n = c.shape[1]
    step = max(1, min(rows, (1 << 27) // n))
    out = [counts(c[:, i : min(rows, i + step)], c, i, k, groups) for i in range(0, rows, step)]
    return estimate([torch.cat(list(v)) for v in zip(*out)], k)


def te(columns, k, groups, state):
    n = columns.shape[1]
    rows = n if n <= 200_000 else 20_000
    if "c" not in state:
        state["c"] = torch.tensor(columns, dtype=torch.float32, device="cuda")
        te_rows(state["c"], k, groups, min(rows, 2000))
        torch.cuda.synchronize()
    ms, value = timed(lambda: te_rows(state["c"], k, groups, rows))
    whole = {"peer": "torch, float32", "ms": ms * n / rows, "value": float(value), "share": rows / n, "host_ms": None}
    if rows == n:
        begin = time.perf_counter()
        v = float(te_rows(torch.tensor(columns, dtype=torch.float32).cuda(), k, groups, rows))
        whole["host_ms"] = (time.perf_counter() - begin) * 1e3
    return whole


def te_captured(columns, k, groups, state):
    """The whole matrix of distances at once, in a CUDA graph."""
    n = columns.shape[1]
    if n > 11_000:
        return None
    if "graph" not in state:
        s = torch.cuda.Stream()
        s.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(s):
            for _ in range(3):
                te_rows_whole(state["c"], k, groups)
        torch.cuda.current_stream().wait_stream(s)
        g = torch.cuda.CUDAGraph()
        with torch.cuda.graph(g):
            state["value"] = te_rows_whole(state["c"], k, groups)
        state["graph"] = g
    ms, _ = timed(lambda: state["graph"].replay())
    return {"peer": "torch, float32, CUDA graph", "ms": ms, "host_ms": None, "value": float(state["value"]), "share": 1}


def te_rows_whole(c, k, groups):
    return estimate(counts(c, c, 0, k, groups), k)


def pairs(past, now, k, state):
    """All ordered pairs, 64 at a time; the first 512 of them."""
    p, n = past.shape
    if "past" not in state:
        state["past"], state["now"] = (torch.tensor(a, dtype=torch.float32, device="cuda") for a in (past, now))
    ij = [(i, j) for i in range(p) for j in range(p) if i != j]
    some = ij[: min(len(ij), 512)]

    def run():
        P, N = state["past"], state["now"]
        values = []
        for at in range(0, len(some), 64):
            i, j = (torch.tensor(v, device="cuda") for v in zip(*some[at : at + 64]))
            x, y, z = ((a[:, :, None] - a[:, None, :]).abs() for a in (P[i], N[j], P[j]))
            xz, yz = torch.maximum(x, z), torch.maximum(y, z)
            joint = torch.maximum(xz, y)
            joint.diagonal(dim1=1, dim2=2).fill_(math.inf)
            e = joint.topk(k, dim=2, largest=False).values[:, :, -1:]
            c = [torch.special.digamma((d < e).sum(2).double()) for d in (xz, yz, z)]  # with the row itself
            values.append(psi(k) - (c[0] + c[1] - c[2]).mean(1))
        return torch.cat(values)

    if "warm" not in state:
        run()
        state["warm"] = True
    ms, values = timed(run)
    return {"peer": "torch, float32, 64 pairs at a time", "ms": ms * len(ij) / len(some), "host_ms": None, "value": float(values[0]), "share": len(some) / len(ij)}


# Entropy maps in windows of 9 by 9, 256 bins. The value is the mean of the map
# where windows are whole, as not all cut them alike at the edges.


def inner(a):
    return float(a[..., 4:-4, 4:-4].mean())


def one_hot(image):
    x = torch.nn.functional.one_hot(image.long(), 256).permute(0, 3, 1, 2).float()
    n = torch.nn.functional.avg_pool2d(x, 9, stride=1, padding=4, divisor_override=1)
    p = n / n.sum(1, keepdim=True)
    return -(p * p.clamp_min(1e-30).log2()).sum(1)


LOCAL = r"""
extern "C" __global__ void entropy(const unsigned char *image, float *out, int w, int h) {
  int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x >= w || y >= h) return;
  image += (size_t)blockIdx.z * w * h;
  unsigned char count[256];
  for (int i = 0; i < 256; i++) count[i] = 0;
  int n = 0;
  for (int v = max(0, y - 4); v <= min(h - 1, y + 4); v++)
    for (int u = max(0, x - 4); u <= min(w - 1, x + 4); u++) count[image[v * w + u]]++, n++;
  float s = 0;
  for (int i = 0; i < 256; i++)
    if (count[i]) s += count[i] * log2f((float)count[i]);
  out[(size_t)blockIdx.z * w * h + (size_t)y * w + x] = log2f((float)n) - s / n;
}"""


def cupy_timed(f):
    cupy_flush = state_of("flush").setdefault("f", cupy.zeros(64 << 20, dtype=cupy.float32))
    cupy_flush.fill(0)
    a, b = cupy.cuda.Event(), cupy.cuda.Event()
    a.record()
    out = f()
    b.record()
    b.synchronize()
    return cupy.cuda.get_elapsed_time(a, b), out


def map_torch(frames, state):
    f = len(frames)
    if "t" not in state:
        state["t"] = torch.tensor(frames[: min(f, 4)], device="cuda")
        one_hot(state["t"][:1])
    some = state["t"]
    ms, v = timed(lambda: torch.cat([one_hot(i[None]) for i in some]))
    begin = time.perf_counter()
    one_hot(torch.tensor(frames[:1]).cuda()).cpu()
    host = (time.perf_counter() - begin) * 1e3 * f
    return {"peer": "torch, one-hot", "ms": ms * f / len(some), "host_ms": host, "value": inner(v[0]), "share": len(some) / f}


def map_cupy(frames, state):
    f, h, w = frames.shape
    if "k" not in state:
        state["k"] = cupy.RawKernel(LOCAL, "entropy")
        state["g"], state["o"] = cupy.asarray(frames), cupy.empty(frames.shape, cupy.float32)
    run = lambda: state["k"](((w + 31) // 32, (h + 3) // 4, f), (32, 4), (state["g"], state["o"], np.int32(w), np.int32(h)))
    if "k warm" not in state:
        run()
        state["k warm"] = True
    ms, _ = cupy_timed(run)
    return {"peer": "CuPy kernel, local histogram", "ms": ms, "host_ms": None, "value": inner(cupy.asnumpy(state["o"][0])), "share": 1}


def map_cucim(frames, state):
    f = len(frames)
    image, foot = cupy.asarray(frames[0]), cupy.ones((9, 9), cupy.uint8)
    run = lambda: cucim.entropy(image, foot)
    if "c warm" not in state:
        run()
        state["c warm"] = True
    ms, v = cupy_timed(run)
    return {"peer": "cuCIM", "ms": ms * f, "host_ms": None, "value": inner(cupy.asnumpy(v)), "share": 1 / f}


def map_skimage(frames, state):
    f = len(frames)
    if "s" not in state:  # takes seconds: once
        begin = time.perf_counter()
        v = skimage.entropy(frames[0], np.ones((9, 9), np.uint8))
        state["s"] = {"peer": "scikit-image, one core", "ms": None, "host_ms": (time.perf_counter() - begin) * 1e3 * f, "value": inner(v), "share": 1 / f}
    return state["s"]


# Histograms. The value is the entropy of the counts, in bits.


def bits(counts):
    n = np.asarray(counts, np.float64)
    n = n[n > 0]
    return float(np.log2(n.sum()) - (n * np.log2(n)).sum() / n.sum())


def histogram_torch(column, bins, ends, state):
    if "t" not in state:
        state["t"] = torch.tensor(column, device="cuda")
        torch.histc(state["t"], bins, *ends)
    ms, v = timed(lambda: torch.histc(state["t"], bins, *ends))
    begin = time.perf_counter()
    torch.histc(torch.tensor(column).cuda(), bins, *ends).cpu()
    return {"peer": "torch.histc", "ms": ms, "host_ms": (time.perf_counter() - begin) * 1e3, "value": bits(v.cpu()), "share": 1}


def histogram_cupy(column, bins, ends, state):
    if "c" not in state:
        state["c"] = cupy.asarray(column)
        cupy.histogram(state["c"], bins, ends)
    ms, v = cupy_timed(lambda: cupy.histogram(state["c"], bins, ends)[0])
    return {"peer": "cupy.histogram", "ms": ms, "host_ms": None, "value": bits(cupy.asnumpy(v)), "share": 1}


def histogram_numpy(column, bins, ends):
    begin = time.perf_counter()
    v = np.histogram(column, bins, ends)[0]
    return {"peer": "numpy.histogram, one core", "ms": None, "host_ms": (time.perf_counter() - begin) * 1e3, "value": bits(v), "share": 1}


def bincount_torch(frames, state):
    run = lambda all: [torch.bincount(f, minlength=256) for f in all]
    if "t" not in state:
        state["t"] = torch.tensor(frames, device="cuda")
        run(state["t"])
    ms, v = timed(lambda: run(state["t"]))
    begin = time.perf_counter()
    torch.stack(run(torch.tensor(frames).cuda())).cpu()
    return {"peer": "torch.bincount", "ms": ms, "host_ms": (time.perf_counter() - begin) * 1e3, "value": bits(v[0].cpu()), "share": 1}


def bincount_cupy(frames, state):
    run = lambda: [cupy.bincount(f, minlength=256) for f in state["c"]]
    if "c" not in state:
        state["c"] = cupy.asarray(frames)
        run()
    ms, v = cupy_timed(run)
    return {"peer": "cupy.bincount", "ms": ms, "host_ms": None, "value": bits(cupy.asnumpy(v[0])), "share": 1}


def bincount_numpy(frames):
    begin = time.perf_counter()
    v = np.bincount(frames[0], minlength=256)
    f = len(frames)
    return {"peer": "numpy.bincount, one core", "ms": None, "host_ms": (time.perf_counter() - begin) * 1e3 * f, "value": bits(v), "share": 1 / f}


states = {}


def state_of(name):
    return states.setdefault(name, {})


def answer(q):
    """The results of all peers that there are. One that fails does not touch the others, and is not asked again."""
    if not np:
        return []
    state = state_of(q["name"])
    if "data" not in state:
        state["data"] = np.fromfile(q["file"], np.uint8 if q["op"] in ("map", "bincount") else "<f8").reshape(q["shape"])
    data, k, groups, bins, ends = state["data"], q.get("k"), q.get("groups"), q.get("bins"), q.get("range")
    half = len(data) // 2
    some = {
        "te": [("torch, float32", torch, lambda: te(data, k, groups, state)), ("torch, float32, CUDA graph", torch, lambda: te_captured(data, k, groups, state))],
        "pairs": [("torch, float32, 64 pairs at a time", torch, lambda: pairs(data[:half], data[half:], k, state))],
        "map": [("torch, one-hot", torch, lambda: map_torch(data, state)), ("CuPy kernel, local histogram", cupy, lambda: map_cupy(data, state)),
                ("cuCIM", cucim, lambda: map_cucim(data, state)), ("scikit-image, one core", skimage, lambda: map_skimage(data, state))],
        "histogram": [("torch.histc", torch, lambda: histogram_torch(data[0], bins, ends, state)), ("cupy.histogram", cupy, lambda: histogram_cupy(data[0], bins, ends, state)),
                      ("numpy.histogram, one core", np, lambda: histogram_numpy(data[0], bins, ends))],
        "bincount": [("torch.bincount", torch, lambda: bincount_torch(data, state)), ("cupy.bincount", cupy, lambda: bincount_cupy(data, state)),
                     ("numpy.bincount, one core", np, lambda: bincount_numpy(data))],
    }[q["op"]]
    out = []
    for peer, there, run in some:
        if not there or peer in state.get("failed", ()):
            continue
        try:
            result = run()
        except Exception as e:
            state.setdefault("failed", set()).add(peer)
            result = {"peer": peer, "error": f"{type(e).__name__}: {e}"[:200]}
        if result:
            out.append(result)
    return out


def say(a):
    answers.write(json.dumps(a) + "\n")
    answers.flush()


say({"versions": versions})
for line in sys.stdin:
    q = json.loads(line)
    if q["op"] == "forget":
        states.pop(q["name"], None)
        if torch:
            torch.cuda.empty_cache()
        say({"results": []})
        continue
    try:
        say({"results": answer(q)})
    except Exception as e:
        say({"results": [{"peer": "python", "error": f"{type(e).__name__}: {e}"[:300]}]})
