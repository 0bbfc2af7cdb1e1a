"""Shared fixtures: a small network of one's own, and where the photos for measuring lie, if anywhere."""
import os
from pathlib import Path

import pytest
import torch
from torch import nn

from fmd_nb import load_model


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
    folder = Path(os.environ.get("FMD_PHOTOS", Path(__file__).parent.parent.parent / "shared/photos"))
    if not (folder / "images.csv").exists():
        pytest.skip("no photos for measuring; name a folder in the NIPS 2017 layout with FMD_PHOTOS")
    return folder
