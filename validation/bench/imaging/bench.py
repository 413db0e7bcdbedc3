"""Entropy maps: surprisal against scikit-image's rank.entropy, in one run.

    python validation/bench/imaging/bench.py --out out/bench-imaging

needs numpy and scikit-image in this Python and go on the PATH. Calls of the two
take turns, so that what else the machine does meets both; every figure is a
median (p50), but one: how much faster two cores are is shown for the fastest
tenth of calls (p10) too. Where other work, or another virtual machine, takes one
of the cores away, a call of two threads waits for it, and the median tells of
that as much as of the program. The bar is for the median. The values of both maps are compared too. Writes imaging.json and
imaging.md into the folder OUT and prints the table. Ends with 1 if the values
differ or, with --strict, if a bar is missed.
"""
import argparse, json, os, platform, statistics, subprocess, sys, tempfile, time

import numpy as np
import skimage
from skimage.filters.rank import entropy

SIDE, WINDOW = 1024, 9
BARS = {"noise": 90, "smooth": 20}  # times as fast as scikit-image, one core
PIXELS = 60e6  # pixels a second, one core
CORES = 1.9  # times as fast on two cores
DRAW = 0.080  # seconds for a picture of a 512×512 map


def images(side):
    """Noise, and a diagonal ramp with a little of it; seeded."""
    noise = np.clip(128 + 40 * np.random.default_rng(1).standard_normal((side, side)), 0, 255).astype(np.uint8)
    ramp = (np.add.outer(np.arange(side), np.arange(side)) // 3 % 256).astype(np.uint8)
    return {"noise": noise, "smooth": ramp ^ (noise >> 5)}


def p10(values):
    """The value that a tenth of the calls do not exceed."""
    values = sorted(values)
    return values[len(values) // 10]


class Surprisal:
    def __init__(self, folder):
        exe = os.path.join(folder, "imaging")
        here = os.path.dirname(os.path.abspath(__file__))
        subprocess.run(["go", "build", "-o", exe, "."], cwd=here, check=True, env={**os.environ, "CGO_ENABLED": "0"})
        self.process = subprocess.Popen([exe], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if answer.get("error"):
            sys.exit("bench-imaging: " + answer["error"])
        self.go = answer["go"]
        return [n * 1e-9 for n in answer["ns"]]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def machine():
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as f:
            name = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), name)
    except OSError:
        pass
    return f"{name}, {os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}"


def measure(ours, folder, rounds):
    rows, footprint = [], np.ones((WINDOW, WINDOW), np.uint8)
    for name, image in images(SIDE).items():
        path, saved = os.path.join(folder, name), os.path.join(folder, name + ".out")
        image.tofile(path)
        one, two, peer = [], [], []
        for _ in range(rounds):
            start = time.perf_counter()
            theirs = entropy(image, footprint)
            peer.append(time.perf_counter() - start)
            for _ in range(3):  # so short that single calls meet single hiccups
                one += ours.ask(Image=path, Side=SIDE, Window=WINDOW, Threads=1, Repeat=3, Save=saved)
                two += ours.ask(Image=path, Side=SIDE, Window=WINDOW, Threads=2, Repeat=3)
        got = np.fromfile(saved, "<f8").reshape(SIDE, SIDE)
        p50 = {k: statistics.median(v) for k, v in (("one", one), ("two", two), ("peer", peer))}
        rows.append({
            "image": name, "peer_ms": p50["peer"] * 1e3, "one_core_ms": p50["one"] * 1e3, "two_cores_ms": p50["two"] * 1e3,
            "ratio": p50["peer"] / p50["one"], "ratio_bar": BARS[name], "mpixel_s": SIDE * SIDE / p50["one"] / 1e6,
            "mpixel_s_bar": PIXELS / 1e6, "two_cores_ratio": p50["one"] / p50["two"], "two_cores_bar": CORES,
            "two_cores_ratio_p10": p10(one) / p10(two), "one_core_p10_ms": p10(one) * 1e3, "two_cores_p10_ms": p10(two) * 1e3, "calls": len(one),
            "largest_difference_bits": float(np.abs(got - theirs).max()),
            "best_ms": {"peer": min(peer) * 1e3, "one_core": min(one) * 1e3, "two_cores": min(two) * 1e3},
        })
    half = os.path.join(folder, "half")
    images(512)["noise"].tofile(half)
    draw = ours.ask(Image=half, Side=512, Window=WINDOW, Threads=1, Repeat=15, Draw=True)
    return rows, statistics.median(draw)


def table(result):
    lines = [
        f"9×9 windows, {SIDE}×{SIDE} pixels of 8 bits, float64 out; medians of calls that take turns. {result['machine']}; "
        f"load {result['load'][0]:.1f} before and {result['load'][1]:.1f} after. {result['go']}, scikit-image {result['scikit_image']}, Python {result['python']}.",
        "",
        "| image | scikit-image | surprisal, one core | ratio | two cores | again faster | the same of the fastest tenth | one core | largest difference |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for r in result["maps"]:
        lines.append(
            f"| {r['image']} | {r['peer_ms']:.0f} ms | {r['one_core_ms']:.1f} ms | **{r['ratio']:.0f}×** (bar {r['ratio_bar']}×) | {r['two_cores_ms']:.1f} ms "
            f"| {r['two_cores_ratio']:.2f}× (bar {CORES}×) | {r['two_cores_ratio_p10']:.2f}× ({r['one_core_p10_ms']:.1f} and {r['two_cores_p10_ms']:.1f} ms) | {r['mpixel_s']:.0f} Mpixel/s (bar {PIXELS / 1e6:.0f}) | {r['largest_difference_bits']:.0e} bits |")
    return "\n".join(lines + ["", f"The fastest tenth: the p10 of {result['maps'][0]['calls']} calls with one thread over the p10 of as many with two.", f"A picture of a 512×512 map takes {result['draw_ms']:.0f} ms (bar {DRAW * 1e3:.0f} ms).", ""])


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--out", default="out/bench-imaging", help="folder for imaging.json and imaging.md")
    p.add_argument("--rounds", type=int, default=7, help="calls of scikit-image an image (default 7)")
    p.add_argument("--strict", action="store_true", help="end with 1 if a bar is missed")
    a = p.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        ours = Surprisal(folder)
        try:
            rows, draw = measure(ours, folder, a.rounds)
        finally:
            ours.close()
    result = {"machine": machine(), "load": [before, os.getloadavg()[0]], "go": ours.go, "scikit_image": skimage.__version__, "numpy": np.__version__,
              "python": platform.python_version(), "rounds": a.rounds, "maps": rows, "draw_ms": draw * 1e3, "draw_bar_ms": DRAW * 1e3}
    os.makedirs(a.out, exist_ok=True)
    with open(os.path.join(a.out, "imaging.json"), "w") as f:
        json.dump(result, f, indent=1)
    with open(os.path.join(a.out, "imaging.md"), "w") as f:
        f.write(table(result))
    print(table(result))
    wrong = [r["image"] for r in rows if not r["largest_difference_bits"] <= 1e-12]
    if wrong:
        sys.exit(f"bench-imaging: the values differ from scikit-image's on {', '.join(wrong)}: a ratio of speeds means nothing")
    missed = [f"{r['image']}: {k}" for r in rows for k, bar in (("ratio", "ratio_bar"), ("mpixel_s", "mpixel_s_bar"), ("two_cores_ratio", "two_cores_bar")) if not r[k] >= r[bar]]
    missed += ["draw"] if not draw <= DRAW else []
    if missed:
        print("bars missed: " + ", ".join(missed))
        if a.strict:
            sys.exit(1)


if __name__ == "__main__":
    main()
