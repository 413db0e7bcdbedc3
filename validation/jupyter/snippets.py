"""What the tests ask of a kernel, in the language that it speaks."""

import os
from dataclasses import dataclass, field
from pathlib import Path

KERNEL = os.environ.get("KERNEL", "surprisal")
ROOT = Path(__file__).parents[2]


@dataclass
class Snippets:
    """One field a request; every test uses the same fields for every kernel."""

    language: str
    extension: str
    hello: str
    stderr: str
    error: str
    page: str
    clear: str
    display: str  # shows text/html by a display, not as a result
    result: str  # is 42
    half_result: str  # is 21
    completion: str
    completed: set
    member: str  # what one of the names in the completion box holds
    inspect: str
    inspected: str  # a word that the tooltip must hold
    complete: list = field(default_factory=list)
    incomplete: list = field(default_factory=list)
    invalid: list = field(default_factory=list)
    ask: str = ""  # asks "name? " and prints hello, then the answer
    keep: str = ""  # kept is 41
    kept: str = ""  # shows kept + 1
    busy: str = ""  # never ends, and waits for nothing
    answers_while_busy: bool = False  # completes and inspects while a cell runs
    notebook: Path | None = None  # None: the tests write one of the images
    pictures: int = 2  # that the notebook shows
    images: list = field(default_factory=list)  # cells of that one
    panel: str = ""  # shows a panel of class surprisal-gpu, which says live or, at rest, at
    work: str = ""  # runs for four seconds, in which the panel moves


GO = Snippets(
    language="go",
    extension=".go",
    hello='fmt.Println("hello, world")',
    stderr='fmt.Fprintln(os.Stderr, "oops")',
    error='panic("boom")',
    page='notebook.Page("one page")',
    clear="display.Clear(false)",
    display='display.Show(display.HTML("<b>bold</b>"))',
    result="6 * 7",
    half_result="3 * 7",
    completion="strings.HasP",
    completed={"HasPrefix"},
    member="HasPrefix",
    inspect="strings.HasPrefix",
    inspected="prefix",
    complete=["x := 1", "func f() int {\n\treturn 1\n}", "1 + 1"],
    incomplete=["func f() {", "for i := range 3 {", "fmt.Println(", "x := []int{"],
    invalid=["x := := 1", "func f() }", 'var s string = "a'],
    ask='name, err := notebook.Input("name? ")\nfmt.Println("hello", name, err)',
    keep="kept := 41",
    kept="kept + 1",
    busy="n := 0\nfor {\n\tn++\n}",
    answers_while_busy=True,
    notebook=ROOT / "notebooks" / "01-tour.ipynb",
    panel="widget.GPU()",
    work="time.Sleep(4 * time.Second)",
    pictures=11,  # six of images and maps, lines, three graphs, a fan
)

_IMAGE = """
import struct, zlib
from IPython.display import Image
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\\0" + bytes((x ^ y) & 255 for x in range(64)) for y in range(64))
png = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0))
png += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
Image(png, width=32, height=32)
"""

_PANEL = """
import time
from IPython.display import HTML, display
def panel(text):
    return HTML(f'<div class="surprisal-gpu"><svg width="200" height="30" fill="currentColor"><text y="20">{text}</text></svg><div>{text}</div></div>')
handle = display(panel("at rest"), display_id=True)
"""

_WORK = """
for i in range(8):
    handle.update(panel(f"live, {i}"))
    time.sleep(0.5)
handle.update(panel("at the end"))
"""

PYTHON = Snippets(
    language="python",
    extension=".py",
    hello='print("hello, world")',
    stderr='import sys; print("oops", file=sys.stderr)',
    error='raise ValueError("boom")',
    page="print?",
    clear="from IPython.display import clear_output; clear_output()",
    display='from IPython.display import HTML, display; display(HTML("<b>bold</b>"))',
    result="6 * 7",
    half_result="3 * 7",
    completion="import textwrap; textwrap.ded",
    completed={"dedent"},
    member="dedent",
    inspect="zip",
    inspected="iterables",
    complete=["x = 1", "1 + 1"],
    incomplete=["def f():", "print("],
    invalid=["x = = 1"],
    ask='name = input("name? ")\nprint("hello", name)',
    keep="kept = 41",
    kept="kept + 1",
    busy="while True: pass",
    images=[_IMAGE, _IMAGE],
    panel=_PANEL,
    work=_WORK,
)

SAY = {"surprisal": GO, "python3": PYTHON}[KERNEL]
