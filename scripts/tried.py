"""Measure what was tried and not kept, beside `strong`, on every third photo; writes data/results/tried.csv.

    python scripts/tried.py PHOTOS      a folder in the NIPS 2017 layout

Each variant changes one thing of `strong` (first network authorized, 16/255, 12 steps):
step decay     the step falls linearly to a seventh of its start, with about the same sum
margin         preservation acts only while the lead is below 2 logits, with weight 1
channels       channels count by the gradient of the right logit at the layer (as in FIA, arXiv 2107.14185), |gradient|
FIA            its linear form: follow the signed, aggregated gradient instead of the squared difference
"""
import argparse
from pathlib import Path

import pandas as pd
import torch
from measure import RESULTS, read_correct, through_files

import fmd_nb.fmd as optimizer
from fmd_nb import FMD, evaluate, load_model
from fmd_nb.features import features, forward
from fmd_nb.models import OFFLINE
from fmd_nb.objective import logit_margin, preservation

CLIMB = optimizer._Climb


class Decay(CLIMB):
    def gradient(self, step):
        self.progress = step / self.fmd.steps
        return super().gradient(step)

    def move(self, grad, alpha):
        super().move(grad, alpha * (1.7 - 1.5 * self.progress))


def aggregated(model, x, y, names, draws=8, dropped=0.3):
    """Gradient of the right logit at the layers, over copies with random pixels dropped; per channel (B,C,1,1)."""
    total = {}
    for k in range(draws):
        mask = torch.rand(x.shape, generator=torch.Generator().manual_seed(k)) > dropped
        logits, maps = forward(model, (x * mask).requires_grad_(), names)
        grads = torch.autograd.grad(logits.gather(1, y[:, None]).sum(), list(maps.values()))
        for name, grad in zip(maps, grads, strict=True):
            total[name] = total.get(name, 0) + grad
    return total


class Channels(CLIMB):
    signed = False

    def __init__(self, *args):
        super().__init__(*args)
        self.weights = {model.name: self._weights(model) for model in self.fmd.source_models}

    def _weights(self, model):
        grads = aggregated(model, self.x, self.y[:, 0], self.fmd.layers_of(model)).values()
        if self.signed:
            means = [g.mean((2, 3), keepdim=True) for g in grads]
            return [m / m.norm(dim=1, keepdim=True) for m in means]
        means = [g.abs().mean((2, 3), keepdim=True) for g in grads]
        return [m / m.mean(1, keepdim=True) for m in means]

    def look(self, model, q, answer, draw):
        names, j = self.fmd.layers_of(model), 0
        with torch.no_grad():
            original = features(model, draw(self.x), names)
        logits, maps = forward(model, draw(q), names)
        for name, weight in zip(names, self.weights[model.name], strict=True):
            moved = maps[name] - original[name]
            part = -10 * weight * moved * weight.shape[1] ** 0.5 if self.signed else weight * moved.square()
            j = j + part.mean((1, 2, 3))
        return j + self.fmd.misclassification_weight * preservation(logits, answer), logit_margin(logits.detach().float(), answer) < 0


class FIA(Channels):
    signed = True


VARIANTS = {"strong": (CLIMB, {}), "step decay": (Decay, {}), "margin": (CLIMB, {"margin": 2.0, "lam": 1.0}),
            "channels": (Channels, {}), "FIA": (FIA, {})}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", help="folder with images.csv and images/")
    models = [load_model(name) for name in OFFLINE]
    xs, y = read_correct(parser.parse_args().photos, models)
    xs, y, tables = xs[::3], y[::3], []
    for name, (climb, changes) in VARIANTS.items():
        optimizer._Climb = climb
        result = FMD.preset("strong", models[0], **changes).run(torch.stack(xs), y)
        table = evaluate(xs, through_files(list(result.x_star)), models[0], models[1:], y.tolist())
        tables.append(table.assign(variant=name, ok=result.ok.sum().item()))
        print(name, table.protected.round(3).tolist(), flush=True)
    pd.concat(tables).to_csv(Path(RESULTS) / "tried.csv", index=False)


if __name__ == "__main__":
    main()
