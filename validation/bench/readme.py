"""Puts the tables of the last make bench-kernel, make bench-imaging, make bench-info and make bench-gpu into the README.

    python validation/bench/readme.py
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLES = {"bench-kernel": ROOT / "out/bench-kernel.md", "bench-imaging": ROOT / "out/bench-imaging/imaging.md",
          "bench-info": ROOT / "out/bench-info/info.md", "bench-gpu": ROOT / "out/bench-gpu/gpu.md"}

readme = ROOT / "README.md"
text = readme.read_text()
for name, file in TABLES.items():
    if name == "bench-gpu" and not file.exists():
        continue  # needs a GPU; the table of the last run on one stays
    if not file.exists():
        raise SystemExit(f"readme: {file} is missing: run make {name} first")
    mark = rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)"
    table = f"`make {name}`: {file.read_text().strip()}"
    text, n = re.subn(mark, lambda m: m[1] + table + m[2], text, flags=re.DOTALL)
    if n != 1:
        raise SystemExit(f"readme: the marks of {name} are not there")
readme.write_text(text)
