"""JupyterLab in a headless Chromium, as a person would use it."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
from snippets import KERNEL, SAY

TOKEN = "surprisal-test"
TIMEOUT = 60_000  # milliseconds; only a broken kernel waits that long

# Quiet: no news, no update check, no saving by itself, no brackets or
# completions that appear unasked; and every cell in the page, seen or not.
SETTINGS = {
    "apputils-extension/notification.jupyterlab-settings": '{"fetchNews": "false", "checkForUpdates": false}',
    "docmanager-extension/plugin.jupyterlab-settings": '{"autosave": false}',
    "completer-extension/manager.jupyterlab-settings": '{"autoCompletion": false}',
    "notebook-extension/tracker.jupyterlab-settings": '{"windowingMode": "none", "codeCellConfig": {"autoClosingBrackets": false}}',
    "codemirror-extension/plugin.jupyterlab-settings": '{"defaultConfig": {"autoClosingBrackets": false}}',
}

READY = """async () => {
  const widget = window.jupyterapp && window.jupyterapp.shell.currentWidget;
  const session = widget && widget.sessionContext && widget.sessionContext.session;
  const kernel = session && session.kernel;
  if (!kernel || kernel.connectionStatus !== 'connected' || kernel.status !== 'idle') return false;
  await kernel.info;
  return true;
}"""


def write_notebook(path: Path, cells: list[str]):
    """A notebook for the kernel under test with these code cells."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nb.metadata.kernelspec = {"name": KERNEL, "language": SAY.language, "display_name": KERNEL}
    nbformat.write(nb, path)


class Server:
    """A JupyterLab of its own, in a process group of its own."""

    def __init__(self, folder: Path):
        self.root = folder / "notebooks"
        self.root.mkdir(parents=True)
        settings = folder / "settings"
        for name, text in SETTINGS.items():
            file = settings / "@jupyterlab" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        runtime = folder / "run"  # a monitor of its own
        runtime.mkdir(mode=0o700)
        env = os.environ | {
            "JUPYTERLAB_SETTINGS_DIR": str(settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "XDG_RUNTIME_DIR": str(runtime),
            "SURPRISAL_MONITOR": "demo",
        }
        # Port 0 lets the system choose; the log says which it was.
        self.log = folder / "lab.log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
             f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={self.root}",
             "--ServerApp.terminals_enabled=False", "--expose-app-in-browser"],
            env=env, stdout=self.log.open("w"), stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.url = self._await_url()

    def _await_url(self) -> str:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", self.log.read_text())
            if found:
                url = f"http://127.0.0.1:{found[1]}"
                try:
                    urllib.request.urlopen(f"{url}/api/status?token={TOKEN}", timeout=5).close()
                    return url
                except (urllib.error.URLError, OSError):
                    pass
            time.sleep(0.2)
        self.close()
        raise AssertionError("JupyterLab did not start:\n" + self.log.read_text()[-3000:])

    def close(self):
        """Ends the server, which ends its kernels; the group catches the rest."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(10)


class Notebook:
    """A notebook open in a page."""

    def __init__(self, page, server: Server, name: str):
        self.page = page
        page.goto(f"{server.url}/lab/tree/{name}?reset&token={TOKEN}")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=TIMEOUT)
        self.ready()

    def ready(self):
        """Waits for the kernel, not for the toolbar's circle: that says idle
        before there is any kernel, and a cell run then is dropped unseen."""
        deadline = time.monotonic() + TIMEOUT / 1000
        while not self.page.evaluate(READY):
            assert time.monotonic() < deadline, "the kernel never became idle"
            self.page.wait_for_timeout(100)

    def command(self, name: str):
        """Starts one of Lab's commands; a dialog may hold its end up."""
        self.page.evaluate("name => { window.jupyterapp.commands.execute(name); }", name)

    def cell(self, i: int):
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell").nth(i)

    def edit(self, i: int):
        """Puts the cursor at the end of cell i."""
        self.cell(i).locator(".cm-content").click()
        self.page.keyboard.press("Control+End")

    def start(self, i: int):
        self.cell(i).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def run(self, i: int) -> str:
        """Runs cell i to its end and returns the text of its outputs."""
        self.start(i)
        self.ended(i)
        return self.output(i)

    def ended(self, i: int):
        prompt = self.cell(i).locator(".jp-InputPrompt")
        deadline = time.monotonic() + TIMEOUT / 1000
        while not re.search(r"\[\d+\]", prompt.inner_text()):
            assert time.monotonic() < deadline, f"cell {i} did not end: {prompt.inner_text()!r}"
            self.page.wait_for_timeout(50)
        self.ready()

    def outputs(self, i: int) -> list[dict]:
        """The outputs of cell i as Lab's own model holds them, and would save."""
        return self.page.evaluate(
            "i => window.jupyterapp.shell.currentWidget.content.model.cells.get(i).outputs.toJSON()", i
        )

    def errors(self, i: int) -> list[str]:
        return [f"{o['ename']}: {o['evalue']}" for o in self.outputs(i) if o["output_type"] == "error"]

    def output(self, i: int) -> str:
        """The text that a person sees under cell i."""
        return "\n".join(self.cell(i).locator(".jp-OutputArea-output").all_inner_texts())

    def theme(self, name: str):
        self.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
        self.page.wait_for_timeout(500)

    def save(self):
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
