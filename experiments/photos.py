"""The presets on photos, each offline network authorized in turn.

The photos are those that all three classify correctly. Victims are only queried, on files that were saved and read
again; a surrogate is never counted as a victim. With --nets, networks of other families are queried as well (see
other_families.py).
"""
import time
from dataclasses import dataclass, field
from functools import partial

import pandas as pd
from common import correct_photos, in_turn, photo_networks, protect
from other_families import ask
from runner import Experiment

from fmd_nb import evaluate
from fmd_nb.images.quality import ms_ssim

CODECS = ("jpeg75", "webp75", "shared1080", "bilinear")
GEOMETRY = ("crop0.875", "crop0.9", "flip", "turn3")


@dataclass(frozen=True)
class Setting:
    """Say what one table measures."""

    preset: str
    changes: dict = field(default_factory=dict)  # settings that differ from the preset's
    surrogates: int = 0  # how many of the other networks serve as surrogates
    after: tuple[str, ...] = ("jpeg75",)  # edits of the files
    every: tuple[int, int] = (1, 1)  # every so many-th photo, with the first network authorized, and with others
    first_only: bool = False  # only with the first network authorized


UNIFORM = {"keep_under": (), "mask_floor": 1.0, "step_decay": 1.0, "working_side": None}  # the same budget everywhere
PLAIN = UNIFORM | {"lam": 1.0}  # and as heavy a preservation as in the paper
HARMS = (*CODECS, *GEOMETRY)
SETTINGS = {
    "robust_16": Setting("robust", surrogates=2, after=HARMS, every=(2, 2)),
    "robust_8": Setting("robust", {"eps": 8 / 255}, 2, HARMS, every=(4, 4)),
    "robust_one_surrogate": Setting("robust", surrogates=1, every=(4, 4)),
    "strong_16": Setting("strong", {}, 2, ("jpeg75", "bilinear", "crop0.9", "flip"), every=(4, 4)),
    "uniform_16": Setting("strong", UNIFORM),
    "uniform_8": Setting("strong", UNIFORM | {"eps": 8 / 255}),
    "uniform_families": Setting("strong", UNIFORM, every=(4, 4), first_only=True),
    "paper_families": Setting("paper", every=(4, 4), first_only=True),
    "paper_16": Setting("paper", first_only=True),
    "momentum": Setting("strong", PLAIN | {"view": None, "misclassification_weight": 0.0}, first_only=True),
    "shuffle": Setting("strong", PLAIN | {"misclassification_weight": 0.0}, first_only=True),
    "shuffle_misclassification": Setting("strong", PLAIN, first_only=True),
}
DEPTHS = [f"blocks.{block}" for block in ("1.1", "2.1", "3.2", "4.0", "4.2", "6.0")]


def measure(root: str, nets: str, name: str, authorized: str) -> pd.DataFrame:
    """Measure with one network authorized; the networks that follow it in the list are its surrogates."""
    setting = SETTINGS[name]
    models = photo_networks()
    model, _ = in_turn(models, authorized)
    place = models.index(model)
    xs, y = (part[:: setting.every[place > 0]] for part in correct_photos(root))
    others = [*models[place + 1 :], *models[:place]]
    surrogates, victims = others[: setting.surrogates], others[setting.surrogates :]
    start = time.perf_counter()
    stars, ok = protect(setting.preset, model, xs, y, surrogates=surrogates, **setting.changes)
    took, after = time.perf_counter() - start, ["none", *setting.after]
    table = evaluate(xs, stars, model, victims, y.tolist(), after, surrogates)
    far = ask(nets, xs, stars, y.tolist(), ["none", "jpeg75"])
    table = pd.concat([table, far], ignore_index=True) if len(far) else table
    table[["linf255", "psnr", "ssim"]] = table[["linf255", "psnr", "ssim"]].ffill()
    likeness = sum(ms_ssim(x, s) for x, s in zip(xs, stars, strict=True)) / len(xs)
    return table.assign(setting=name.replace("_", " "), ok=ok, seconds=took, ms_ssim=likeness)


def measure_layer(root: str, layer: str) -> pd.DataFrame:
    """Measure the paper's method at one depth of the first network: 20 steps, every second photo."""
    (xs, y), models = (part[::2] for part in correct_photos(root)), photo_networks()
    stars, ok = protect("paper", models[0], xs, y, steps=20, layer=layer)
    return evaluate(xs, stars, models[0], models[1:], y.tolist()).assign(ok=ok)


def experiments(root: str, nets: str = "") -> list[Experiment]:
    """List the experiments of this module."""
    names = [m.name for m in photo_networks()]
    cells = [{"authorized": name} for name in names]
    made = [Experiment(name, partial(measure, root, nets, name), cells[:1] if setting.first_only else cells)
            for name, setting in SETTINGS.items()]
    return [*made, Experiment("layers", partial(measure_layer, root), [{"layer": layer} for layer in DEPTHS])]
