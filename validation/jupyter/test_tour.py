"""The tour as other programs run it: nbconvert, papermill, jupyter console."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pexpect
import pytest
from lab import write_notebook
from snippets import KERNEL, SAY

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    if SAY.notebook:
        return SAY.notebook
    path = tmp_path_factory.mktemp("tour") / "tour.ipynb"
    write_notebook(path, SAY.images)
    return path


def call(*args):
    done = subprocess.run([*map(str, args)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


MOVES = "nbval-ignore-output"  # the tag of cells whose output is the machine's at that time


def outputs(path):
    """The outputs of an executed notebook, all of its code cells having run,
    of cells that show the same in every run."""
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))
    return [o for c in cells if MOVES not in c.metadata.get("tags", []) for o in c.outputs]


def check_panel(path):
    """The panel rests as a sentence and a picture."""
    panels = [c for c in nbformat.read(path, as_version=4).cells if MOVES in c.metadata.get("tags", [])]
    for cell in panels:
        last = cell.outputs[-1].data
        assert "%" in last["text/plain"] and "<svg" in last.get("image/svg+xml", "") + last.get("text/html", "")


def check_outputs(path):
    shown = outputs(path)
    check_panel(path)
    assert not [o for o in shown if o.output_type == "error"]
    images = [o for o in shown if "image/png" in o.get("data", {})]
    assert len(images) == SAY.pictures
    for image in images:
        size = image.metadata["image/png"]
        assert size["width"] > 0 and size["height"] > 0
        assert image.data["text/plain"], "a picture says in words what it shows"


def test_nbconvert_executes_the_tour(tour, tmp_path, out):
    # Two runs give the same bytes: no picture and no number depends on chance,
    # on time or on the order of a map.
    runs = []
    for name in ("one", "two"):
        call(BIN / "jupyter-nbconvert", "--to", "notebook", "--execute",
             f"--ExecutePreprocessor.kernel_name={KERNEL}",
             "--output-dir", tmp_path, "--output", name, tour)  # fmt: skip
        check_outputs(tmp_path / f"{name}.ipynb")
        runs.append(outputs(tmp_path / f"{name}.ipynb"))
    assert runs[0] == runs[1]
    call(BIN / "jupyter-nbconvert", "--to", "html", "--output-dir", out, "--output", "tour", tmp_path / "one.ipynb")
    assert len(re.findall(r"<img[^>]*src=.data:image/", (out / "tour.html").read_text())) >= SAY.pictures


def test_papermill_runs_the_tour(tour, tmp_path):
    done = tmp_path / "done.ipynb"
    call(BIN / "papermill", "--no-progress-bar", "-k", KERNEL, tour, done)
    check_outputs(done)


def test_console_runs_the_tour(tour):
    """Cell after cell pasted into a terminal, as prompts come back."""
    console = pexpect.spawn(
        str(BIN / "jupyter-console"),
        ["--kernel", KERNEL, "--no-confirm-exit", "--ZMQTerminalInteractiveShell.image_handler=None"],
        env=os.environ | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        encoding="utf-8", dimensions=(50, 200), timeout=60,
    )  # fmt: skip
    text = ""

    def prompt(n):
        # The prompt is drawn in colours, and again at each key.
        console.expect(rf"In \[(\x1b\[[0-9;]*m)*{n}(\x1b\[[0-9;]*m)*\]: ")
        return console.before

    cells = [c.source for c in nbformat.read(tour, as_version=4).cells if c.cell_type == "code"]
    cells.append(SAY.result)
    try:
        prompt(1)
        for n, cell in enumerate(cells, start=1):
            console.send(f"\x1b[200~{cell}\x1b[201~")
            console.send("\x1b\r")  # Escape Enter ends the input wherever the cursor is
            text += prompt(n + 1)
        console.send("\x04")  # end of input, as a person types it
        console.expect(pexpect.EOF)
    finally:
        console.close(force=True)
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
    assert "Traceback" not in plain and "error:" not in plain.lower(), plain[-3000:]
    assert re.search(r"Out\[\d+\]: 42", plain), plain[-1000:]


def test_console_reads_a_pipe():
    done = subprocess.run(
        [BIN / "jupyter-console", "--kernel", KERNEL, "--simple-prompt", "--no-confirm-exit"],
        input=f"{SAY.keep}\n{SAY.kept}\n", capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert re.search(r"Out\[2\]: 42", done.stdout), done.stdout + done.stderr
