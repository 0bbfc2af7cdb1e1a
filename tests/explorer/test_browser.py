"""The explorer in a real browser, served by Voilà and by JupyterLab."""
import io
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fmd_nb.explorer.serve import page_notebook
from fmd_nb.explorer.state import square
from fmd_nb.images.budget import linf255
from fmd_nb.images.files import read

pytestmark = pytest.mark.slow

SHOTS = os.environ.get("FMD_SCREENSHOTS")  # a folder for screenshots, for people who look at them


def _port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _listens(port: int) -> bool:
    """Whether somebody is there; to ask for the page would start a kernel."""
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def _serve(command: list[str], port: int, folder: Path):
    """A server that is stopped, with its kernels, when the test is over."""
    log = open(folder / "server.log", "w")
    process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 60
        while not _listens(port):
            assert process.poll() is None and time.monotonic() < deadline, (folder / "server.log").read_text()
            time.sleep(0.3)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("lab"), _port()
    notebook = page_notebook()
    *_, last = notebook["cells"]
    notebook["cells"] = [last | {"source": "\n".join(cell["source"] for cell in notebook["cells"])}]
    (folder / "page.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    flags = [f"--port={port}", "--no-browser", "--allow-root", "--IdentityProvider.token=", "--ServerApp.password=",
             "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command = [sys.executable, "-m", "jupyterlab", *flags, f"--ServerApp.root_dir={folder}"]
    yield from _serve(command, port, folder)


class Panel:
    """The explorer as a person in front of it sees it."""

    def __init__(self, tab):
        self.tab, self.errors = tab, []
        tab.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        tab.on("pageerror", lambda e: self.errors.append(str(e)))

    def text(self, css: str) -> str:
        return self.tab.locator(css).first.inner_text()

    def shown(self) -> str:
        """All that is shown, without the clock."""
        html = "".join(self.tab.locator(css).first.inner_html() for css in (".fx-centre", ".fx-right", ".fx-headline"))
        return re.sub(r"\d+\.\d s", "", html)

    def select(self, before: str | None = None) -> str:
        """Wait until something else than `before` is shown and nothing more is to come."""
        deadline, calm = time.monotonic() + 40, 0
        while time.monotonic() < deadline:
            done = self.text(".fx-status").startswith("done")
            calm = calm + 1 if done and self.shown() != before else 0
            if calm >= 4:
                return self.shown()
            self.tab.wait_for_timeout(100)
        raise AssertionError(f"nothing else is shown: {self.text('.fx-status')!r}, {self.text('.fx-head')!r}")

    def row(self, label: str):
        """A control by its label."""
        return self.tab.locator(".fx-frame label", has_text=re.compile(f"^{label}$")).first.locator("xpath=..")

    def press(self, label: str, key: str, times: int = 1) -> None:
        """Move a slider by the keyboard."""
        handle = self.row(label).locator("[role=slider]")
        handle.focus()
        for _ in range(times):
            handle.press(key)

    def choose(self, label: str, option: str) -> None:
        self.row(label).locator("select").select_option(label=option)

    def button(self, text: str):
        return self.tab.locator(".fx-frame button", has_text=text).first

    def shot(self, name: str) -> None:
        if SHOTS:
            self.tab.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def _picture(path: Path) -> Path:
    x, y = np.meshgrid(np.linspace(0, 255, 300), np.linspace(0, 255, 260))
    Image.fromarray(np.stack([x, y, 255 - x], -1).astype(np.uint8)).save(path)
    return path


def test_voila_every_control(browser, tmp_path):
    port = _port()
    code = f"from fmd_nb.explorer import explore; explore({port}, False, token='t')"
    for address in _serve([sys.executable, "-c", code], port, tmp_path):
        panel = Panel(browser.new_page(viewport={"width": 1280, "height": 800}))
        panel.tab.goto(address + "?token=t", wait_until="commit")
        panel.tab.wait_for_selector(".fx-status", timeout=60_000)
        seen = panel.select()
        panel.shot("voila")
        assert "of 2 unauthorized" in panel.text(".fx-headline")
        _fits(panel)
        _stacks(panel)
        _sliders_are_labelled(panel)
        panel.press("steps N", "ArrowLeft", 9)  # 12 to 3, so that the rest goes quickly
        seen = panel.select(seen)
        for label, key, times in (("ε /255", "ArrowLeft", 8), ("α /255", "ArrowRight", 3), ("λ", "ArrowRight", 2),
                                  ("gain ×", "ArrowRight", 5), ("iterate", "ArrowLeft", 1)):
            panel.press(label, key, times)
            seen = panel.select(seen)
        panel.button("kept").click()
        seen = panel.select(seen)
        panel.row("seed").locator("input").fill("5")
        panel.row("seed").locator("input").press("Enter")
        seen = panel.select(seen)
        for label, option in (("view", "blur"), ("edit", "jpeg75"), ("heat maps", "none"),
                              ("heat maps", "saliency"), ("layer", "blocks.1  24×56×56"),
                              ("authorized", "efficientnet lite1")):
            panel.choose(label, option)
            seen = panel.select(seen)
        panel.tab.get_by_role("checkbox", name="efficientnet lite2").uncheck()
        seen = panel.select(seen)
        panel.button("Reset").click()
        seen = panel.select(seen)
        _upload_and_save(panel, seen, tmp_path)
        _code(panel)
        assert panel.errors == []
        panel.tab.close()


def _fits(panel) -> None:
    """No scrolling at 1280 × 800: all of the panel is on the screen."""
    parts = (".fx-left", ".fx-centre", ".fx-right", ".fx-scrub")
    boxes = [panel.tab.locator(css).first.bounding_box() for css in parts]
    assert all(b["y"] + b["height"] <= 800 and b["x"] + b["width"] <= 1280 for b in boxes), boxes
    assert panel.tab.evaluate("document.documentElement.scrollHeight") <= 800


def _stacks(panel) -> None:
    """Below 900 pixels the parts stand in one column, below each other, and nothing is cut off at the right."""
    for width in (390, 768):
        panel.tab.set_viewport_size({"width": width, "height": 800})
        panel.tab.wait_for_timeout(300)
        parts = (".fx-head", ".fx-pictures", ".fx-scrub", ".fx-heats", ".fx-curves", ".fx-left", ".fx-predictions-box",
                 ".fx-numbers")
        boxes = [panel.tab.locator(css).first.bounding_box() for css in parts]
        for above, below in zip(boxes, boxes[1:], strict=False):
            assert above["y"] + above["height"] <= below["y"] + 1, (width, boxes)
        assert all(0 <= b["x"] and b["x"] + b["width"] <= width and b["width"] > 300 for b in boxes), (width, boxes)
        beyond = "(all, w) => all.filter(e => e.getBoundingClientRect().right > w).length"
        wide = panel.tab.locator(".fx-frame *").evaluate_all(beyond, width)
        assert wide == 0
        panel.shot(f"voila_{width}")
    panel.tab.set_viewport_size({"width": 1280, "height": 800})


def _sliders_are_labelled(panel) -> None:
    sliders, pictures = (panel.tab.locator(css) for css in ("[role=slider]", ".fx-frame img[src^=data]"))
    names = sliders.evaluate_all("all => all.map(e => e.getAttribute('aria-label'))")
    assert sorted(names) == sorted(["ε /255", "α /255", "steps N", "λ", "gain ×", "iterate", "smooth ×"])
    assert all(pictures.evaluate_all("all => all.map(e => e.alt || e.style.display)"))


def _upload_and_save(panel, seen: str, folder: Path) -> None:
    """A picture of one's own goes in, and the protected one comes out within its budget."""
    file = _picture(folder / "mine.png")
    panel.choose("preset", "paper")
    seen = panel.select(seen)  # the preset has moved the sliders; a key pressed before that would be lost
    panel.press("steps N", "Home")
    panel.press("steps N", "ArrowRight", 2)
    seen = panel.select(seen)
    assert panel.text(".fx-frame .widget-slider:has([aria-label='steps N']) .widget-readout") == "3"
    with panel.tab.expect_file_chooser() as chooser:
        panel.button("own picture").click()
    chooser.value.set_files(file)
    panel.select(seen)
    assert "mine.png" in panel.row("picture").locator("select option:checked").inner_text()
    panel.select()  # what was seen may have been the last step of the sliders, before the picture came
    panel.button("Save PNG").click()
    link = panel.tab.locator(".fx-frame a[download]")
    link.or_(panel.tab.locator(".fx-frame [role=alert]")).wait_for(timeout=60_000)
    assert link.count() == 1, panel.text(".fx-head")
    with panel.tab.expect_download() as download:
        link.click()
    saved = read(io.BytesIO(Path(download.value.path()).read_bytes()))
    original = square(read(file))
    assert 0 < linf255(saved, original) <= 16
    (on_disk,) = (folder / "protected").glob("*.png")
    assert torch.equal(read(on_disk), saved) and on_disk.with_suffix(".json").exists()
    panel.shot("voila_upload")


def _code(panel) -> None:
    panel.button("Python").click()
    panel.tab.wait_for_selector(".fx-code pre")
    assert "FMD.preset('paper'" in panel.text(".fx-code pre")
    panel.shot("voila_code")
    panel.button("Command").click()
    panel.tab.wait_for_function("document.querySelector('.fx-code pre').textContent.includes('fmd protect')")
    panel.button("Command").click()
    panel.tab.wait_for_selector(".fx-code", state="detached")


def test_jupyterlab(browser, lab):
    panel = Panel(browser.new_page(viewport={"width": 1280, "height": 800}))
    panel.tab.goto(f"{lab}lab/tree/page.ipynb?reset", wait_until="commit")
    panel.tab.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    panel.tab.locator(".jp-Notebook .jp-CodeCell").first.click()
    panel.tab.wait_for_timeout(1500)
    panel.tab.keyboard.press("Shift+Enter")
    panel.tab.wait_for_selector(".fx-status", timeout=60_000)
    seen = panel.select()
    panel.shot("lab")
    _sliders_are_labelled(panel)
    left, centre = (panel.tab.locator(css).first.bounding_box() for css in (".fx-left", ".fx-centre"))
    assert left["x"] + left["width"] <= centre["x"]  # beside the pictures, although the file browser takes 280 pixels
    panel.press("steps N", "ArrowLeft", 8)  # 12 to 4
    seen = panel.select(seen)
    panel.press("ε /255", "ArrowLeft", 12)  # 16 to 4, faster than it can be computed
    seen = panel.select(seen)
    assert "4/255" in panel.text(".fx-numbers")
    panel.choose("edit", "jpeg75")
    panel.select(seen)
    panel.shot("lab_small")
    assert [e for e in panel.errors if "explorer" in e or "widget" in e.lower()] == []
    panel.tab.close()


def test_a_sweep_fills_in(browser, tmp_path):
    port = _port()
    code = f"from fmd_nb.explorer import explore; explore({port}, False, 'sweep', token='t')"
    for address in _serve([sys.executable, "-c", code], port, tmp_path):
        panel = Panel(browser.new_page(viewport={"width": 1280, "height": 800}))
        panel.tab.goto(address + "?token=t", wait_until="commit")
        panel.tab.wait_for_selector(".fx-status", timeout=60_000)
        panel.press("pictures", "Home")
        panel.press("steps N", "Home")
        panel.choose("preset", "paper")
        panel.choose("and", "lam")
        panel.tab.wait_for_timeout(500)
        panel.row("over").locator("input").fill("0.5, 2")
        panel.row("over").locator("input").press("Enter")
        panel.button("Run").click()
        done = "document.querySelector('.fx-status').textContent.includes('8 of 8')"
        panel.tab.wait_for_function(done, timeout=120_000)
        panel.shot("sweep")
        assert "24 rows" in panel.text(".fx-rows-box")  # 4 × 2 points, one picture, three models
        assert panel.tab.locator("img.fx-figure").count() == 1 and panel.errors == []
        panel.tab.close()
    assert (tmp_path / "protected/sweep.csv").exists()


def test_a_slider_figure_follows_the_keyboard(browser, tmp_path):
    port, notebook = _port(), page_notebook()
    code = ("from fmd_nb.support.sliders import SliderFigure\n"
            "SliderFigure(lambda x=1: f'<b class=\"seen\">{100 // x}</b>', x=[0, 1, 2, 4])")
    notebook["cells"] = [notebook["cells"][0] | {"source": code}]
    (tmp_path / "slider.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    command = [sys.executable, "-m", "voila", str(tmp_path / "slider.ipynb"), f"--port={port}", "--no-browser"]
    for address in _serve(command, port, tmp_path):
        tab = browser.new_page()
        tab.goto(address, wait_until="commit")
        handle = tab.locator("[role=slider]")
        handle.wait_for(timeout=60_000)
        error = ("Home", "[role=alert]", "ZeroDivision")
        tab.locator(".seen", has_text="100").wait_for(timeout=20_000)
        for key, css, text in (("ArrowRight", ".seen", "50"), error, ("ArrowRight", ".seen", "100")):
            handle.press(key)
            tab.locator(css, has_text=text).wait_for(timeout=20_000)
        assert tab.locator(".seen").count() == 1  # the static picture is not shown beside the live one
        tab.close()
