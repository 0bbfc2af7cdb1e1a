"""Grad-CAM of the label on originals and protected files: every second photo, each network authorized in turn.

One row per model and figure, as `attribution.summarize_shifts` gives it. `paper` runs 20 of its 100 steps.
"""
from functools import partial

import pandas as pd
from common import correct_photos, in_turn, photo_networks, protect
from runner import Experiment

from fmd_nb.evaluation.attribution import map_shifts, summarize_shifts

SETTINGS = {"paper, 20 steps": ("paper", {"steps": 20}), "strong": ("strong", {})}


def measure(root: str, setting: str, authorized: str) -> pd.DataFrame:
    """Measure one setting with one network authorized."""
    xs, y = (part[::2] for part in correct_photos(root))
    preset, changes = SETTINGS[setting]
    model, others = in_turn(photo_networks(), authorized)
    stars, ok = protect(preset, model, xs, y, **changes)
    table = summarize_shifts(map_shifts(xs, stars, model, others, y.tolist()))
    return table.assign(ok=ok, photos=len(xs))


def experiments(root: str) -> list[Experiment]:
    """List the experiments of this module."""
    cells = [{"setting": s, "authorized": m.name} for m in photo_networks() for s in SETTINGS]
    return [Experiment("attention", partial(measure, root), cells)]
