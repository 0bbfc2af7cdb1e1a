"""Draw nbs/images/explorer.jpg: the explorer at four places of its sliders, photographed in a browser.

Needs Chromium, Playwright and Voilà; the page is 1280 by 800 pixels, the picture half of that a frame.
"""
import io
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

OUT = Path(__file__).parent.parent / "nbs/images/explorer.jpg"
PORT = 8899


def select(page: Page) -> None:
    """Wait for the last frame."""
    page.wait_for_timeout(1000)
    page.wait_for_function("document.querySelector('.fx-status')?.textContent.startsWith('done')", timeout=120_000)
    page.wait_for_timeout(500)


def press(page: Page, label: str, key: str, times: int) -> None:
    """Move a slider by its keys."""
    handle = page.locator(f"[role=slider][aria-label='{label}']")
    handle.focus()
    for _ in range(times):
        handle.press(key)


@contextmanager
def served(page: str = "explorer") -> Iterator[str]:
    """Serve the explorer in a folder of its own, and give its address."""
    code = f"from fmd_nb.explorer import explore; explore({PORT}, False, {page!r}, token='t')"
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen([sys.executable, "-c", code], cwd=folder)
        try:
            while socket.socket().connect_ex(("127.0.0.1", PORT)) != 0:
                time.sleep(0.3)
            yield f"http://127.0.0.1:{PORT}/?token=t"
        finally:
            server.terminate()
            server.wait(20)


def frames(page: Page, address: str) -> list[bytes]:
    """Photograph the start, an iterate on the way, a smaller budget, and that budget after JPEG."""
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".fx-status", timeout=120_000)
    select(page)
    shots = [page.screenshot()]
    press(page, "iterate", "ArrowLeft", 9)
    select(page)
    shots.append(page.screenshot())
    press(page, "ε /255", "ArrowLeft", 10)
    select(page)
    shots.append(page.screenshot())
    page.locator("select", has=page.locator("option", has_text="jpeg75")).select_option("jpeg75")
    select(page)
    return [*shots, page.screenshot()]


def main() -> None:
    with served() as address, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        shots = frames(chromium.new_page(viewport={"width": 1280, "height": 800}), address)
    strip = Image.new("RGB", (1400, 876), "white")
    for k, shot in enumerate(shots):
        frame = Image.open(io.BytesIO(shot)).convert("RGB").resize((698, 436), Image.Resampling.LANCZOS)
        strip.paste(frame, (702 * (k % 2), 440 * (k // 2)))
    strip.save(OUT, quality=80)
    print(OUT, OUT.stat().st_size // 1000, "kB")


if __name__ == "__main__":
    main()
