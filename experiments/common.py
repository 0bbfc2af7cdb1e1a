"""What several experiments share: photos, networks, and a run that protects."""
from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from fmd_nb import FMD, load_model, read
from fmd_nb.evaluation.protocol import select_correct, through_files
from fmd_nb.images.published import nips2017
from fmd_nb.models.classifier import Classifier
from fmd_nb.models.loading import OFFLINE, zoo

SMALLER: dict = {}  # settings that every run takes in place of its own, to try an experiment out: {"steps": 2}


@lru_cache(1)
def photo_networks() -> tuple[Classifier, ...]:
    """Load the three offline ImageNet networks."""
    return tuple(load_model(name) for name in OFFLINE)


@lru_cache(1)
def correct_photos(root: str) -> tuple[list[Tensor], Tensor]:
    """Read the photos of a folder (NIPS 2017 layout) that all three networks classify correctly, and their labels."""
    table = nips2017(root)
    xs, y = [read(f) for f in table.file], torch.tensor(table.label.tolist())
    correct = select_correct(photo_networks(), xs, y)
    return [x for x, c in zip(xs, correct, strict=True) if c], y[correct]


@lru_cache(3)
def face_networks(task: str) -> tuple[Classifier, ...]:
    """Load the zoo's networks of a task."""
    table = zoo()
    return tuple(load_model(name) for name in table[table.task == task].model)


def in_turn(models: tuple[Classifier, ...], name: str) -> tuple[Classifier, list[Classifier]]:
    """Split models into the one with a name, and the others."""
    (authorized,) = (m for m in models if m.name == name)
    return authorized, [m for m in models if m is not authorized]


def protect(
    preset: str, authorized: Classifier, xs: Sequence[Tensor] | Tensor, y: Tensor | None, **changes
) -> tuple[list[Tensor], int]:
    """Protect photos: as their files hold them, and how many succeeded."""
    xs = xs if isinstance(xs, Tensor) else torch.stack(list(xs))
    result = FMD.preset(preset, authorized, **changes | SMALLER).run(xs, y, warn=False)
    return through_files(list(result.x_star)), result.ok.sum().item()
