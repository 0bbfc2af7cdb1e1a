"""All methods on every third photo: 12 steps, as many as `strong` takes, with the first network authorized.

The nearest rival also runs 26 steps, which cost as many passes as 12 steps of `strong`.
"""
from functools import partial

import pandas as pd
from common import correct_photos, photo_networks
from runner import Experiment

from fmd_nb.evaluation.baselines import BASELINES, OURS, PRESERVING, compare

NEAREST = "BSR + preservation"
METHODS = {name: (name, 12) for name in OURS | PRESERVING | BASELINES} | {f"{NEAREST}, 26 steps": (NEAREST, 26)}


def measure(root: str, method: str) -> pd.DataFrame:
    """Measure one method."""
    (xs, y), models = (part[::3] for part in correct_photos(root)), photo_networks()
    name, steps = METHODS[method]
    return compare(xs, y.tolist(), models[0], models[1:], [name], steps=steps)


def experiments(root: str) -> list[Experiment]:
    """List the experiments of this module."""
    return [Experiment("baselines", partial(measure, root), [{"method": name} for name in METHODS])]
