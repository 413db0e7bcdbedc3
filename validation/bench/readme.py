"""Puts the tables of the last make bench-* into the README. One that was not made stays as it is.

    python validation/bench/readme.py
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLES = {"bench-kernel": ROOT / "out/bench-kernel.md", "bench-imaging": ROOT / "out/bench-imaging/imaging.md",
          "bench-info": ROOT / "out/bench-info/info.md", "bench-interp": ROOT / "out/bench-interp/interp.md", "bench-gpu": ROOT / "out/bench-gpu/gpu.md"}

readme = ROOT / "README.md"
text = readme.read_text()
for name, file in TABLES.items():
    if not file.exists():
        print(f"readme: {file} is not there: the table of make {name} stays")
        continue
    mark = rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)"
    table = f"`make {name}`: {file.read_text().strip()}"
    text, n = re.subn(mark, lambda m: m[1] + table + m[2], text, flags=re.DOTALL)
    if n != 1:
        raise SystemExit(f"readme: the marks of {name} are not there")
readme.write_text(text)
