"""The report in a real browser: no error, no missing picture, nothing from the network, and it fits a telephone."""
import pytest
from PIL import Image
from skimage import data
from torch import nn

from fmd_nb import load_model
from fmd_nb.folders.photos import protect
from fmd_nb.folders.report import report, report_folder
from fmd_nb.images.files import from_pil

pytestmark = pytest.mark.slow


@pytest.fixture
def page(tiny, tmp_path):
    """A page about two photos and two tiny networks."""
    (tmp_path / "photos").mkdir()
    for i in range(2):
        Image.fromarray(data.cat()[i * 20 : i * 20 + 90, 100 : 220]).save(tmp_path / f"photos/cat {i} <b>&.png")
    protect(tmp_path / "photos", tmp_path / "out", tiny, "paper", steps=2, progress=False)
    net = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))
    other = load_model(net, mean=[0.5] * 3, std=[0.25] * 3, size=16, classes=list("abcdefghij"), name="other")
    return report_folder(tmp_path / "out", [other], authorized=[tiny])


def test_the_page_in_a_browser(browser, page, tmp_path):
    problems, requests = [], []
    for width, scheme in ((1200, "light"), (360, "dark")):
        tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        tab.on("console", lambda m: problems.append(m.text) if m.type in ("error", "warning") else None)
        tab.on("pageerror", lambda e: problems.append(str(e)))
        tab.on("request", lambda r: requests.append(r.url))
        tab.goto(page.as_uri())
        assert tab.locator("img").count() >= 8
        widths = tab.eval_on_selector_all("img", "images => images.map(i => i.complete ? i.naturalWidth : 0)")
        assert min(widths) > 0
        assert all(tab.eval_on_selector_all("img", "images => images.map(i => i.alt)"))
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.locator("h3").first.inner_text().startswith("cat 0 <b>&")
        tab.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
        tab.close()
    dark, light = (Image.open(tmp_path / f"{s}.png").convert("L").getpixel((2, 2)) for s in ("dark", "light"))
    assert not problems
    assert {url.split(":")[0] for url in requests} <= {"file", "data"}
    assert dark < 80 < 200 < light


def test_one_photo_and_a_victim_without_maps(tiny, tmp_path):
    x = from_pil(Image.fromarray(data.cat()[:80, :120]))
    net = nn.Sequential(nn.Flatten(), nn.Linear(768, 10))
    deaf = load_model(net, mean=[0.5] * 3, std=[0.25] * 3, size=16, name="deaf")
    page = report([x], [x], tiny, deaf, tmp_path / "page.html", after=())
    assert "Grad-CAM cannot explain deaf" in page.read_text(encoding="utf-8")


def test_a_photo_made_again_leaves_the_others_in_the_report(tiny, page, tmp_path):
    first = sorted((tmp_path / "photos").iterdir())[0]
    protect(first, tmp_path / "out", tiny, "paper", steps=1, progress=False, overwrite=True)
    text = report_folder(tmp_path / "out", [], authorized=[tiny]).read_text(encoding="utf-8")
    assert "2 of 2, made with several settings" in text and "2 protected photos" in text
