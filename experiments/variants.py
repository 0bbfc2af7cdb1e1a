"""Tried and not kept: five variants of `strong` with a uniform budget, on every third photo (lite 0 authorized).

A variant is another setting, or another term in place of a term:

step decay     the step falls linearly to a fifth of its start
margin         preservation acts only while the logit margin is below 2, with weight 1
channels       channels of the feature map count by the gradient of the label's logit (FIA, arXiv 2107.14185)
FIA            its linear form: follow the signed gradient instead of the squared difference
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from functools import partial

import pandas as pd
import torch
from common import SMALLER, correct_photos, photo_networks
from photos import UNIFORM
from runner import Experiment
from torch import Tensor

from fmd_nb import FMD, evaluate
from fmd_nb.evaluation.protocol import through_files
from fmd_nb.method.ascent import Budget, ascend
from fmd_nb.method.recipes import recipe, schedule_of
from fmd_nb.method.terms import Distort, Term
from fmd_nb.models.classifier import predict_logits
from fmd_nb.models.features import forward

Change = Callable[[list[Term], Tensor, Tensor], list[Term]]  # terms, images, labels: other terms


@dataclass(frozen=True, eq=False)
class DistortChannels(Distort):
    """The feature map moves, and each channel counts by the gradient of the label's logit there."""

    gradients: dict[str, Tensor] = field(default_factory=dict)  # per layer, (B,C,1,1), mean over the map

    def value(self, look) -> Tensor:
        """Compute the weighted squared difference, (B,)."""
        total = 0
        for name, gradient in self.gradients.items():
            weight = gradient.abs() / gradient.abs().mean(1, keepdim=True)
            total = total + (weight * (look.maps[name] - look.reference[name]).square()).mean((1, 2, 3))
        return total


class FollowGradient(DistortChannels):
    """The feature map moves against the gradient of the label's logit."""

    def value(self, look) -> Tensor:
        """Compute the weighted difference, (B,)."""
        total = 0
        for name, gradient in self.gradients.items():
            unit = gradient / gradient.norm(dim=1, keepdim=True) * gradient.shape[1] ** 0.5
            total = total - 10 * (unit * (look.maps[name] - look.reference[name])).mean((1, 2, 3))
        return total


def mean_gradients(model, x: Tensor, y: Tensor, layers: Sequence[str], draws: int = 8, dropped: float = 0.3) -> dict:
    """Average the label's logit's gradient at the layers, over copies with pixels dropped; per layer (B,C,1,1)."""
    total = dict.fromkeys(layers, 0)
    for k in range(draws):
        kept = torch.rand(x.shape, generator=torch.Generator().manual_seed(k)) > dropped
        logits, maps = forward(model, (x * kept).requires_grad_(), layers)
        found = torch.autograd.grad(logits.gather(1, y[:, None]).sum(), [maps[name] for name in layers])
        for name, gradient in zip(layers, found, strict=True):
            total[name] = total[name] + gradient.mean((2, 3), keepdim=True) / draws
    return total


def weighted(kind: type[DistortChannels], terms: list[Term], x: Tensor, y: Tensor) -> list[Term]:
    """Put a kind of weighted distortion in place of the one that is maximized."""
    def replaced(term: Distort) -> DistortChannels:
        given = {f.name: getattr(term, f.name) for f in fields(Distort)}
        return kind(**given, gradients=mean_gradients(term.model, x, y, term.layers))

    return [replaced(term) if isinstance(term, Distort) and term.weight else term for term in terms]


VARIANTS: dict[str, tuple[dict, Change | None]] = {  # settings, change of the terms
    "strong": ({}, None),
    "step decay": ({"step_decay": 0.2}, None),
    "margin": ({"margin": 2.0, "lam": 1.0}, None),
    "channels": ({}, partial(weighted, DistortChannels)),
    "FIA": ({}, partial(weighted, FollowGradient)),
}


def protect(fmd: FMD, x: Tensor, y: Tensor, change: Change | None) -> tuple[list[Tensor], Tensor]:
    """Protect photos (a failed one stays its original) and tell which succeeded: FMD's settings, a variant's terms."""
    (model,), stars, ok = fmd.authorized_models, list(x), torch.zeros(len(x), dtype=torch.bool)
    for dtype, lam in fmd.attempts:
        todo = torch.nonzero(~ok)[:, 0].tolist()
        for places in (todo[k : k + fmd.batch_size] for k in range(0, len(todo), fmd.batch_size)):
            terms = recipe(fmd.networks, fmd, lam)
            terms = change(terms, x[places], y[places]) if change else terms
            budget, schedule = Budget(fmd.eps, fmd.mask_floor), schedule_of(fmd)
            for state in ascend(x[places], y[places], terms, budget, schedule, indices=places, dtype=dtype):
                right = (predict_logits(model, state.best).argmax(1) == state.y[:, 0]) & (state.best_step >= 0)
                for k in right.nonzero()[:, 0].tolist():
                    place = places[state.position[k]]
                    stars[place], ok[place] = state.best[k], True
    return stars, ok


def measure(root: str, variant: str) -> pd.DataFrame:
    """Measure one variant."""
    (xs, y), models = (part[::3] for part in correct_photos(root)), photo_networks()
    settings, change = VARIANTS[variant]
    fmd = FMD.preset("strong", models[0], **UNIFORM | settings | SMALLER)
    stars, ok = protect(fmd, torch.stack(xs), y, change)
    table = evaluate(xs, through_files(stars), models[0], models[1:], y.tolist())
    return table.assign(ok=ok.sum().item())


def experiments(root: str) -> list[Experiment]:
    """List the experiments of this module."""
    return [Experiment("tried", partial(measure, root), [{"variant": name} for name in VARIANTS])]
