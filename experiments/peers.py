"""torchattacks' attacks and the presets at the same budget, on every third photo, the first network authorized.

Each sees one photo at a time. The attacks take as many steps as `robust`, the default. Seconds are processor time
of one core per photo, so other programs on the machine hardly count. With --nets, networks of other families are
queried as well (see other_families.py).
"""
import time
from collections.abc import Callable
from functools import partial

import pandas as pd
import torch
import torchattacks
from common import SMALLER, correct_photos, photo_networks
from other_families import ask
from runner import Experiment
from torch import Tensor

from fmd_nb import FMD, evaluate
from fmd_nb.evaluation.baselines import BASELINES
from fmd_nb.evaluation.protocol import through_files

EPS, STEPS = 16 / 255, 32
Method = Callable[[Tensor, Tensor], Tensor]  # a photo (1,3,H,W) and its label to the protected photo
ATTACKS = {"PGD": torchattacks.PGD, "MI-FGSM": torchattacks.MIFGSM, "DI-FGSM": torchattacks.DIFGSM,
           "TI-FGSM": torchattacks.TIFGSM}
PRESETS = {"paper": 0, "strong": 0, "robust": 0, "robust, two surrogates": 2}  # how many surrogates


def methods() -> dict[str, Method]:
    """Collect what is compared, by name."""
    model, *others = photo_networks()
    found: dict[str, Method] = {"noise": lambda x, y: BASELINES["noise"](model, x, y, EPS, 0, 0)}
    for name, attack in ATTACKS.items():
        found[f"torchattacks {name}"] = attack(model, eps=EPS, alpha=EPS / 8, steps=SMALLER.get("steps", STEPS))
    for name, count in PRESETS.items():
        fmd = FMD.preset(name.split(",")[0], model, **{"eps": EPS, "surrogates": others[:count]} | SMALLER)
        found[f"FMD {name}"] = partial(run, fmd)
    return found


def run(fmd: FMD, x: Tensor, y: Tensor) -> Tensor:
    """Run a preset as a method."""
    return torch.stack(list(fmd.run(x, y, warn=False).x_star))


def measure(root: str, nets: str, method: str) -> pd.DataFrame:
    """Measure one method, on saved files that are read again."""
    (xs, y), (model, *others) = (part[::3] for part in correct_photos(root)), photo_networks()
    make, count = methods()[method], PRESETS.get(method.removeprefix("FMD "), 0)
    torch.manual_seed(0)  # torchattacks draws from the global generator
    start = time.process_time()
    stars = [make(x[None], y[i:i + 1])[0] for i, x in enumerate(xs)]
    seconds = (time.process_time() - start) / len(xs)
    stars = through_files(stars)
    table = evaluate(xs, stars, model, others[count:], y.tolist(), surrogates=others[:count])
    far = ask(nets, xs, stars, y.tolist(), ["none"])
    return pd.concat([table, far], ignore_index=True).assign(seconds=seconds, ssim=table.ssim.iloc[0])


def experiments(root: str, nets: str = "") -> list[Experiment]:
    """List the experiments of this module."""
    names = ["noise", *(f"torchattacks {name}" for name in ATTACKS), *(f"FMD {name}" for name in PRESETS)]
    return [Experiment("peers", partial(measure, root, nets), [{"method": name} for name in names])]
