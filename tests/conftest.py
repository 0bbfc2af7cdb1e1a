"""Shared fixtures: a small network of one's own, a browser, and where the photos for measuring lie, if anywhere."""
import importlib.util
import os
import shutil
from pathlib import Path

import pytest
import torch
from hypothesis import settings
from torch import nn

from fmd_nb import load_model
from tests.support.paths import ROOT

settings.register_profile("fmd", max_examples=25, deadline=None)
settings.load_profile("fmd")


@pytest.fixture(scope="session")
def tiny():
    """A small classifier that answers in a millisecond; its weights are always the same."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(),
                            nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 10))
    return load_model(net, mean=[0.5] * 3, std=[0.25] * 3, size=16, classes=list("abcdefghij"), name="tiny")


@pytest.fixture(scope="session")
def photos():
    """Folder of photos in the NIPS 2017 layout; tests that need it are skipped without it."""
    folder = Path(os.environ.get("FMD_PHOTOS", ROOT.parent / "shared/photos"))
    if not (folder / "images.csv").exists():
        pytest.skip("no photos for measuring; name a folder in the NIPS 2017 layout with FMD_PHOTOS")
    return folder


@pytest.fixture(scope="session")
def browser():
    """Chromium; tests that need it are skipped without it, or fail where FMD_BROWSER says that it is required."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None or not importlib.util.find_spec("playwright"):
        tell = pytest.fail if os.environ.get("FMD_BROWSER") == "required" else pytest.skip
        tell("needs Chromium and Playwright: apt-get install chromium; pip install playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=program, args=flags)
        yield chromium
        chromium.close()
