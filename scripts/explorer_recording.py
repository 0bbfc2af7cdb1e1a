"""Record the explorer for the book: nbs/images/explorer*.webp, an animation and still frames.

Needs Chromium, Playwright and Voilà. Some frames of the animation are photographed while a slider moves.
"""
import io
import shutil
import sys
from pathlib import Path

from explorer_frames import press, select, served
from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent.parent / "nbs/images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class Recording:
    """Frames with the time each is shown, in ms, and stills by name."""

    def __init__(self, page: Page):
        self.page, self.frames, self.times = page, [], []

    def shoot(self, ms: int) -> Image.Image:
        self.frames.append(Image.open(io.BytesIO(self.page.screenshot())).convert("RGB"))
        self.times.append(ms)
        return self.frames[-1]

    def move(self, label: str, key: str, times: int, ms: int = 350, each: int = 1) -> None:
        """Move a slider, a picture for every `each` steps."""
        for _ in range(times // each):
            press(self.page, label, key, each)
            select(self.page)
            self.shoot(ms)
        self.times[-1] = 1500

    def still(self, name: str) -> None:
        write(self.frames[-1], name)

    def save(self, name: str) -> None:
        small = [f.resize((1000, 625), Image.Resampling.LANCZOS) for f in self.frames]
        small[0].save(IMAGES / name, save_all=True, append_images=small[1:], duration=self.times, loop=3, quality=60,
                      method=4)
        print(name, len(small), "frames", sum(self.times) / 1000, "s", (IMAGES / name).stat().st_size // 1000, "kB")


def write(frame: Image.Image, name: str) -> None:
    frame.save(IMAGES / name, quality=82, method=6)
    print(name, (IMAGES / name).stat().st_size // 1000, "kB")


def opened(page: Page, address: str) -> None:
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".fx-status", timeout=120_000)


def record(page: Page, address: str) -> None:
    """Record the whole budget, back through the iterates and forward again, a smaller budget, JPEG."""
    opened(page, address)
    select(page)
    tape = Recording(page)
    tape.shoot(2500)
    tape.still("explorer_start.webp")
    tape.move("iterate", "ArrowLeft", 9)
    tape.still("explorer_iterate.webp")
    tape.move("iterate", "ArrowRight", 9, each=3)
    tape.move("ε /255", "ArrowLeft", 12, 600, each=3)
    tape.still("explorer_budget.webp")
    tape.move("ε /255", "ArrowRight", 12, each=12)
    page.locator("select", has=page.locator("option", has_text="jpeg75")).select_option("jpeg75")
    select(page)
    tape.shoot(3000)
    tape.still("explorer_jpeg.webp")
    tape.save("explorer.webp")


def sweep(page: Page, address: str) -> None:
    """Record the page for sweeps, after a small run."""
    opened(page, address)
    press(page, "pictures", "Home", 1)
    press(page, "steps N", "Home", 1)
    page.locator(".fx-frame button", has_text="Run").first.click()
    said = "document.querySelector('.fx-status').textContent.match(/(\\d+) of (\\d+)/)"
    page.wait_for_function(f"(([, k, n]) => k === n)({said} ?? [0, 0, 1])", timeout=150_000)
    page.wait_for_timeout(1500)
    write(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), "explorer_sweep.webp")


def main() -> None:
    chosen = sys.argv[1:] or ["explorer", "sweep"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name in chosen:
            with served(name) as address:
                page = chromium.new_page(viewport={"width": 1280, "height": 800})
                {"explorer": record, "sweep": sweep}[name](page, address)


if __name__ == "__main__":
    main()
