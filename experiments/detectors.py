"""What the detector of faces finds on scenes that were protected in several ways."""
from functools import lru_cache

import pandas as pd
import torch
from common import protect
from runner import Experiment

from fmd_nb import load_model
from fmd_nb.evaluation.baselines import noise
from fmd_nb.evaluation.protocol import through_files
from fmd_nb.faces.scenes import SceneDataset
from fmd_nb.limits.detection import detection, load_detector

COUNT = 24  # scenes
WAYS = {  # how the scenes are made: network, preset and settings
    "original": None,
    "noise": None,
    "strong for a photo network": ("tf_efficientnet_lite0", "strong", {}),
    "paper (20 steps) for a photo network": ("tf_efficientnet_lite0", "paper", {"steps": 20}),
    "strong for a face network": ("faces/identity/resnet", "strong", {}),
}


@lru_cache(1)
def scenes() -> tuple[list, list]:
    """Draw the scenes, and list what is in them."""
    data = SceneDataset("test", COUNT, seed=1, size=320)
    images, truths = zip(*(data[k] for k in range(len(data))), strict=True)
    return list(images), list(truths)


def measure(images: str) -> pd.DataFrame:
    """Measure one way; `images` is the column of the table that names it."""
    originals, truths = scenes()
    x, kept = torch.stack(originals), None
    if WAYS[images]:
        name, preset, settings = WAYS[images]
        stars, ok = protect(preset, load_model(name), x, None, **settings)
        kept = ok / len(stars)
    else:
        stars = through_files(list(noise(x))) if images == "noise" else originals
    table = detection([load_detector()], originals, {images: stars}, truths)
    return table[table.images == images].head(1).assign(authorized_keeps=kept)


def experiments(root: str = "") -> list[Experiment]:
    """List the experiments of this module; the scenes need no folder."""
    return [Experiment("detection", measure, [{"images": name} for name in WAYS])]
