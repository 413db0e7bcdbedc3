"""The real JupyterLab in a real browser: the tour, and what hands do in a cell."""

import re
import shutil

import pytest
from lab import TIMEOUT, Notebook, Server, write_notebook
from playwright.sync_api import sync_playwright
from snippets import SAY

# How many colours the picture has as it is drawn, at its natural size.
COLOURS = """img => {
  const canvas = document.createElement('canvas');
  canvas.width = img.naturalWidth; canvas.height = img.naturalHeight;
  const g = canvas.getContext('2d');
  g.drawImage(img, 0, 0);
  const d = new Uint32Array(g.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return new Set(d).size;
}"""

# The smallest contrast of the texts of a picture with what is behind it, from 1
# to 21, with opacity: below 4.5 a text of this size is hard to read.
CONTRAST = """svg => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const clear = c => c.length > 3 && c[3] === 0;
  let behind = svg, back = [255, 255, 255];
  for (; behind; behind = behind.parentElement) {
    const c = parse(getComputedStyle(behind).backgroundColor);
    if (!clear(c)) { back = c; break; }
  }
  const light = c => {
    const [r, g, b] = c.map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let least = 21;
  for (const text of svg.querySelectorAll('text, tspan')) {
    const style = getComputedStyle(text), fill = parse(style.fill), opacity = Number(style.opacity);
    if (text.textContent.trim() === '●') continue;
    const seen = fill.slice(0, 3).map((x, i) => opacity * x + (1 - opacity) * back[i]);
    const [a, b] = [light(seen), light(back)].sort((x, y) => y - x);
    least = Math.min(least, (a + 0.05) / (b + 0.05));
  }
  return least;
}"""

COMPLETION, TOOLTIP, ASK, KEEP, BUSY, KEPT = range(6)
CELLS = [SAY.completion, SAY.inspect, SAY.ask, SAY.keep, SAY.busy, SAY.kept]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("lab"))
    if SAY.notebook:
        shutil.copy(SAY.notebook, server.root / "tour.ipynb")
    else:
        write_notebook(server.root / "tour.ipynb", SAY.images)
    write_notebook(server.root / "hands.ipynb", CELLS)
    write_notebook(server.root / "panel.ipynb", [SAY.panel, SAY.work])
    yield server
    server.close()


@pytest.fixture(scope="module")
def page(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield browser.new_page(viewport={"width": 1200, "height": 1000})
        browser.close()


@pytest.fixture(scope="module")
def hands(page, server):
    return Notebook(page, server, "hands.ipynb")


def test_tour_shows_its_pictures(page, server, out):
    tour = Notebook(page, server, "tour.ipynb")
    tour.command("notebook:run-all-cells")
    code = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")
    numbers = [i for i in range(code.count()) if "jp-CodeCell" in code.nth(i).get_attribute("class")]
    for i in numbers:
        tour.ended(i)
        assert not tour.errors(i)

    images = page.locator(".jp-OutputArea-output img")
    assert images.count() >= SAY.pictures
    for i in range(images.count()):
        image = images.nth(i)
        image.scroll_into_view_if_needed()
        natural = image.evaluate("img => [img.naturalWidth, img.naturalHeight]")
        shown = image.evaluate("img => [img.width, img.height]")
        # Dots are stored at twice the size that they are shown at, for sharp screens.
        times = 1 if "svg" in image.get_attribute("src")[:20] else 2
        assert natural[0] > 0 and natural == [times * shown[0], times * shown[1]], (natural, shown)
        assert image.evaluate(COLOURS) > 20, f"image {i} is blank"
        image.screenshot(path=out / f"lab-tour-{i + 1}.png")
    page.screenshot(path=out / "lab-tour.png")


def completes(hands, picture):
    hands.edit(COMPLETION)
    hands.page.keyboard.press("Tab")
    items = hands.page.locator(".jp-Completer:not(.lm-mod-hidden) .jp-Completer-item")
    items.filter(has_text=SAY.member).first.wait_for(timeout=TIMEOUT)
    hands.page.screenshot(path=picture)
    hands.page.keyboard.press("Escape")


def inspects(hands, picture):
    hands.edit(TOOLTIP)
    hands.page.keyboard.press("Shift+Tab")
    hands.page.locator(".jp-Tooltip").filter(has_text=SAY.inspected).wait_for(timeout=TIMEOUT)
    hands.page.screenshot(path=picture)
    hands.page.keyboard.press("Escape")


def test_completion_box(hands, out):
    completes(hands, out / "lab-completion.png")


def test_inspect_tooltip(hands, out):
    inspects(hands, out / "lab-tooltip.png")


def test_stdin_prompts(hands, out):
    hands.start(ASK)
    box = hands.page.locator("input.jp-Stdin-input")
    box.wait_for(timeout=TIMEOUT)
    hands.page.screenshot(path=out / "lab-stdin.png")
    assert "name?" in hands.output(ASK)
    box.fill("Ada")
    box.press("Enter")
    hands.ended(ASK)
    assert "hello Ada" in hands.output(ASK)


def test_interrupt_ends_a_busy_loop_and_keeps_variables(hands, out):
    hands.run(KEEP)
    hands.start(BUSY)
    hands.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'"
    )
    if SAY.answers_while_busy:
        hands.page.wait_for_timeout(500)  # Lab closes boxes when the state of the kernel changes
        completes(hands, out / "lab-completion-busy.png")
        inspects(hands, out / "lab-tooltip-busy.png")
        assert "[*]" in hands.cell(BUSY).locator(".jp-InputPrompt").inner_text(), "the cell still runs"
    hands.page.locator('[title^="Interrupt the kernel"]').first.click()
    hands.ended(BUSY)
    hands.page.screenshot(path=out / "lab-interrupt.png")
    assert len(hands.errors(BUSY)) == 1, "an interrupted cell shows that it was"
    assert re.search(r"\b42\b", hands.run(KEPT))


def test_restart_begins_anew(hands, out):
    hands.command("kernelmenu:restart")
    hands.page.locator(".jp-Dialog button.jp-mod-warn").click()
    hands.page.wait_for_timeout(200)
    hands.ready()
    hands.run(KEPT)
    hands.page.screenshot(path=out / "lab-restart.png")
    assert len(hands.errors(KEPT)) == 1, "after a restart nothing is kept"
    assert "[1]" in hands.cell(KEPT).locator(".jp-InputPrompt").inner_text()
    hands.run(KEEP)
    assert re.search(r"\b42\b", hands.run(KEPT))


def test_panel_moves_while_a_cell_runs_and_rests(page, server, out):
    book = Notebook(page, server, "panel.ipynb")
    book.run(0)
    assert not book.errors(0)
    panel = book.cell(0).locator(".surprisal-gpu")
    assert "live" not in panel.inner_text(), "no cell runs"
    assert len(book.outputs(0)) == 1, "the panel is one display"

    book.start(1)
    seen = set()
    for _ in range(35):
        page.wait_for_timeout(100)
        text = panel.locator("svg").text_content()
        if "live" in text:
            if not seen:
                page.screenshot(path=out / "lab-panel-live.png")
            seen.add(panel.inner_html())
    assert len(seen) >= 2, "the panel does not move"
    book.ended(1)

    still = panel.inner_html()
    assert "live" not in still and still not in seen, "it rests when the cell has ended"
    page.wait_for_timeout(2500)
    assert panel.inner_html() == still, "and moves no more"

    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        book.theme(theme)
        panel.screenshot(path=out / f"lab-panel-{theme[11:].lower()}.png")
        assert panel.locator("svg").first.evaluate(CONTRAST) >= 4.5, f"{theme}: a text is hard to read"
    book.theme("JupyterLab Light")

    # What is saved is the picture, and a sentence for those who cannot see it.
    book.save()
    output = book.outputs(0)[0]
    assert "<svg" in "".join(output["data"]["text/html"])
    assert len("".join(output["data"]["text/plain"])) > 10
    rest = panel.locator("svg").text_content()
    again = Notebook(page, server, "panel.ipynb").cell(0).locator(".surprisal-gpu svg")
    assert again.text_content() == rest, "the saved notebook does not show what was seen"
