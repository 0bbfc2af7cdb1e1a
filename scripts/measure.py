"""Measure the presets on photos in the NIPS 2017 layout, each network authorized in turn; writes data/results/.

The photos are those that all three offline networks classify correctly. Victims are only ever queried, on the files
that were saved and read again; a surrogate is never counted as a victim. Finished settings are not measured again.
"""
import argparse
import sys
import time
from pathlib import Path

import pandas as pd
import torch

from fmd_nb import FMD, load_model
from fmd_nb.evaluate import evaluate, select_correct, through_files
from fmd_nb.images import read
from fmd_nb.models import OFFLINE
from fmd_nb.published import nips2017

RESULTS = Path(__file__).parent.parent / "data/results"
WEB = ["jpeg75", "jpeg50", "resize0.5", "blur1"]
SETTINGS = {  # name: preset, changes, number of surrogates, real changes to measure after
    "strong 16": ("strong", {}, 0, []),
    "strong 16 quarter": ("strong", {"steps": 8}, 0, []),
    "strong 8": ("strong", {"eps": 8 / 255}, 0, []),
    "surrogate 8": ("strong", {"eps": 8 / 255, "steps": 20}, 1, []),
    "surrogate 4": ("strong", {"eps": 4 / 255, "steps": 20}, 1, []),
    "robust 16": ("robust", {}, 0, WEB),
    "paper 16": ("paper", {}, 0, []),
    "momentum": ("strong", {"lam": 1.0, "transform": None, "misclassification_weight": 0.0}, 0, []),
    "shuffle": ("strong", {"lam": 1.0, "misclassification_weight": 0.0}, 0, []),
    "shuffle push": ("strong", {"lam": 1.0}, 0, []),
}
FIRST_ONLY = {"paper 16", "strong 16 quarter", "momentum", "shuffle", "shuffle push"}  # first network authorized
EVERY = {"surrogate 8": 2, "surrogate 4": 3}  # six runs each: on every second or third photo
DEPTHS = [f"blocks.{block}" for block in ("1.1", "2.1", "3.2", "4.0", "4.2", "6.0")]


def read_correct(root: str, models: list) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Photos that every model classifies correctly, and their labels."""
    photos = nips2017(root)
    xs, y = [read(f) for f in photos.file], torch.tensor(photos.label.tolist())
    correct = select_correct(models, xs, y)
    return [x for x, c in zip(xs, correct, strict=True) if c], y[correct]


def measure(name: str, models: list, xs: list, y: torch.Tensor) -> pd.DataFrame:
    """One setting: every choice of authorized model and surrogates."""
    preset, changes, surrogates_, web = SETTINGS[name]
    every = EVERY.get(name, 1)
    xs, y, tables = xs[::every], y[::every], []
    for authorized_model in models[:1] if name in FIRST_ONLY else models:
        others = [m for m in models if m is not authorized_model]
        for surrogates in ([[]] if not surrogates_ else [[m] for m in others]):
            fmd = FMD.preset(preset, authorized_model, surrogates=surrogates, **changes)
            start = time.perf_counter()
            result = fmd.run(torch.stack(xs), y)
            took = time.perf_counter() - start
            victims = [m for m in others if m not in surrogates]
            stars = through_files(list(result.x_star))
            table = evaluate(xs, stars, authorized_model, victims, y.tolist(), ["none", *web])
            helped = " ".join(m.name for m in surrogates)
            table = table.assign(setting=name, authorized=authorized_model.name, surrogate=helped,
                                 ok=result.ok.sum().item(), eps255=result.eps.mean().item() * 255, seconds=took)
            print(table[["setting", "authorized", "surrogate", "model", "after", "protected", "seconds"]].round(3)
                  .to_string(index=False, header=False), flush=True)
            tables.append(table)
    return pd.concat(tables)


def measure_layers(models: list, xs: list, y: torch.Tensor) -> pd.DataFrame:
    """The paper's step at several depths of the first network: 20 steps, every second photo."""
    xs, y, tables = xs[::2], y[::2], []
    for layer in DEPTHS:
        result = FMD.paper(models[0], steps=20, layer=layer).run(torch.stack(xs), y)
        table = evaluate(xs, through_files(list(result.x_star)), models[0], models[1:], y.tolist())
        tables.append(table.assign(layer=layer, ok=result.ok.sum().item()))
        print(layer, table.protected.round(3).tolist(), flush=True)
    return pd.concat(tables)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", help="folder with images.csv and images/")
    parser.add_argument("--only", nargs="*", choices=[*SETTINGS, "layers"], help="measure these, again if need be")
    args = parser.parse_args()
    models = [load_model(name) for name in OFFLINE]
    xs, y = read_correct(args.photos, models)
    RESULTS.mkdir(exist_ok=True)
    for name in args.only or [*SETTINGS, "layers"]:
        file = RESULTS / f"{name.replace(' ', '_')}.csv"
        if file.exists() and not args.only:
            continue
        table = measure_layers(models, xs, y) if name == "layers" else measure(name, models, xs, y)
        table.to_csv(file, index=False)


if __name__ == "__main__":
    sys.exit(main())
