"""The presets on photos, each offline network authorized in turn.

The photos are those that all three classify correctly. Victims are only ever queried, on the files that were saved and
read again; a surrogate is never counted as a victim.
"""
import time
from functools import partial

import pandas as pd
from common import correct_photos, in_turn, photo_networks, protect
from runner import Experiment

from fmd_nb import evaluate

SHARED = ["jpeg75", "jpeg50", "resize0.5", "blur1"]
SETTINGS = {  # file: preset, changes, whether there is a surrogate, real changes to measure after
    "strong_16": ("strong", {}, False, []),
    "strong_16_quarter": ("strong", {"steps": 8}, False, []),
    "strong_8": ("strong", {"eps": 8 / 255}, False, []),
    "surrogate_8": ("strong", {"eps": 8 / 255, "steps": 20}, True, []),
    "surrogate_4": ("strong", {"eps": 4 / 255, "steps": 20}, True, []),
    "robust_16": ("robust", {}, False, SHARED),
    "paper_16": ("paper", {}, False, []),
    "momentum": ("strong", {"lam": 1.0, "transform": None, "misclassification_weight": 0.0}, False, []),
    "shuffle": ("strong", {"lam": 1.0, "misclassification_weight": 0.0}, False, []),
    "shuffle_misclassification": ("strong", {"lam": 1.0}, False, []),
}
FIRST_ONLY = {"paper_16", "strong_16_quarter", "momentum", "shuffle", "shuffle_misclassification"}
EVERY = {"surrogate_8": 2, "surrogate_4": 3}  # six cells each: on every second or third photo
DEPTHS = [f"blocks.{block}" for block in ("1.1", "2.1", "3.2", "4.0", "4.2", "6.0")]


def measure(root: str, name: str, authorized: str, surrogate: str = "") -> pd.DataFrame:
    """One network authorized, perhaps with a surrogate."""
    preset, changes, _, after = SETTINGS[name]
    xs, y = (part[:: EVERY.get(name, 1)] for part in correct_photos(root))
    model, others = in_turn(photo_networks(), authorized)
    helpers, start = [m for m in others if m.name == surrogate], time.perf_counter()
    stars, ok = protect(preset, model, xs, y, surrogates=helpers, **changes)
    victims, took = [m for m in others if m.name != surrogate], time.perf_counter() - start
    table = evaluate(xs, stars, model, victims, y.tolist(), ["none", *after])
    return table.assign(setting=name.replace("_", " "), ok=ok, seconds=took)


def measure_layer(root: str, layer: str) -> pd.DataFrame:
    """The paper's step at one depth of the first network: 20 steps, every second photo."""
    (xs, y), models = (part[::2] for part in correct_photos(root)), photo_networks()
    stars, ok = protect("paper", models[0], xs, y, steps=20, layer=layer)
    return evaluate(xs, stars, models[0], models[1:], y.tolist()).assign(ok=ok)


def cells(name: str) -> list[dict]:
    """Who is authorized, and who is a surrogate."""
    models = [m.name for m in photo_networks()]
    first = models[:1] if name in FIRST_ONLY else models
    return [{"authorized": a, "surrogate": s} for a in first for s in (models if SETTINGS[name][2] else [""]) if a != s]


def experiments(root: str) -> list[Experiment]:
    """All of this module."""
    made = [Experiment(name, partial(measure, root, name), cells(name)) for name in SETTINGS]
    return [*made, Experiment("layers", partial(measure_layer, root), [{"layer": layer} for layer in DEPTHS])]
