"""What was tried and not kept, beside `strong`, on every third photo: each changes one thing (lite 0 authorized).

step decay     the step falls linearly to a seventh of its start, with about the same sum
margin         preservation acts only while the logit margin is below 2, with weight 1
channels       channels count by the gradient of the label's logit at the layer (FIA, arXiv 2107.14185), |gradient|
FIA            its linear form: follow the signed, aggregated gradient instead of the squared difference
"""
from functools import lru_cache, partial
from unittest.mock import patch

import pandas as pd
import torch
from common import correct_photos, photo_networks, protect
from runner import Experiment
from torch import Tensor

import fmd_nb.method.ascent as optimizer
from fmd_nb import evaluate
from fmd_nb.method.objective import in_float32, logit_margin, preservation
from fmd_nb.models.features import features, forward


def decaying_step():
    """`take_step` with a step that falls."""
    plain, count = optimizer.take_step, {}

    def take_step(fmd, batch, grad) -> None:
        step = count[id(batch)] = count.get(id(batch), -1) + 1
        alpha = batch.eps / 4 * (1.7 - 1.5 * step / fmd.steps)
        with patch.object(fmd, "alpha", alpha):
            plain(fmd, batch, grad)

    return {"take_step": take_step}


@lru_cache(64)
def aggregated(model, x: Tensor, y: Tensor, names: tuple[str, ...], draws: int = 8, dropped: float = 0.3) -> list:
    """Mean gradient of the label's logit at the layers, over copies with random pixels dropped; (B,C,1,1) a layer."""
    total = [0] * len(names)
    for k in range(draws):
        mask = torch.rand(x.shape, generator=torch.Generator().manual_seed(k)) > dropped
        logits, maps = forward(model, (x * mask).requires_grad_(), names)
        grads = torch.autograd.grad(logits.gather(1, y[:, None]).sum(), list(maps.values()))
        total = [t + g for t, g in zip(total, grads, strict=True)]
    return total


def weighted_channels(signed: bool):
    """`transformed_pass` with weighted channels."""
    def transformed_pass(model, layers, images, y, draw, weight=0.0, relative=False):
        x, q = images
        with torch.no_grad():
            original = features(model, in_float32(draw, x), layers)
        (logits, maps), j = forward(model, in_float32(draw, q), layers), 0
        for name, grad in zip(layers, aggregated(model, x, y, tuple(layers)), strict=True):
            mean = (grad if signed else grad.abs()).mean((2, 3), keepdim=True)
            moved = maps[name] - original[name]
            part = (-10 * mean / mean.norm(dim=1, keepdim=True) * moved * mean.shape[1] ** 0.5 if signed
                    else mean / mean.mean(1, keepdim=True) * moved.square())
            j = j + part.mean((1, 2, 3))
        return j + weight * preservation(logits, y), logit_margin(logits.detach().float(), y) < 0

    return {"transformed_pass": transformed_pass}


VARIANTS = {"strong": (dict, {}), "step decay": (decaying_step, {}), "margin": (dict, {"margin": 2.0, "lam": 1.0}),
            "channels": (partial(weighted_channels, False), {}), "FIA": (partial(weighted_channels, True), {})}


def measure(root: str, variant: str) -> pd.DataFrame:
    """One variant."""
    (xs, y), models = (part[::3] for part in correct_photos(root)), photo_networks()
    replaced, changes = VARIANTS[variant]
    with patch.multiple(optimizer, **replaced()):
        stars, ok = protect("strong", models[0], xs, y, **changes)
    return evaluate(xs, stars, models[0], models[1:], y.tolist()).assign(ok=ok)


def experiments(root: str) -> list[Experiment]:
    """All of this module."""
    return [Experiment("tried", partial(measure, root), [{"variant": name} for name in VARIANTS])]
