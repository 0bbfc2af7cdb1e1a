"""Photos a minute with and without what makes passes fast on a CPU, in turn, to data/results/performance.csv.

    python experiments/passes.py --photos FOLDER

Before: PyTorch's own routine for 1 × 1 convolutions and eight images at a time. No photo is run a second time
(`lam_retry`), so that both do the same work.
"""
import argparse
import statistics
import time
from pathlib import Path

import pandas as pd
import torch
from runner import RESULTS
from torch import nn

from fmd_nb import FMD, load_model
from fmd_nb.features import _Pointwise
from fmd_nb.images import read


def seconds(fmd: FMD, photos: list, routine: type[nn.Module]) -> float:
    """Of a run, with a routine for 1 × 1 convolutions."""
    for models in fmd._computing.values():
        for module in (m for model in models for m in model.modules() if isinstance(m, _Pointwise)):
            module.__class__ = routine if routine is _Pointwise else Plain
    start = time.perf_counter()
    fmd.run(photos, warn=False)
    return time.perf_counter() - start


class Plain(_Pointwise):
    """PyTorch's own routine."""

    def forward(self, x):
        return nn.Conv2d.forward(self, x)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="../shared/photos/images", help="folder of photos")
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--steps", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    photos = [read(file) for file in sorted(Path(args.photos).glob("*"))[: args.count]]
    rows, model = [], load_model("tf_efficientnet_lite0")
    for threads in (1, 2):
        torch.set_num_threads(threads)
        common = {"surrogates": "auto", "lam_retry": None, "steps": args.steps}
        ways = {"before": (FMD.preset("robust", model, batch_size=8, **common), Plain),
                "now": (FMD.preset("robust", model, **common), _Pointwise)}
        took = {way: [] for way in ways}
        for _ in range(args.rounds):
            for way, (fmd, routine) in ways.items():
                took[way].append(seconds(fmd, photos, routine))
        ratio = statistics.median(a / b for a, b in zip(took["before"], took["now"], strict=True))
        rate = {f"{way}, photos/min": 60 * len(photos) / statistics.median(times) for way, times in took.items()}
        rows.append({"threads": threads, "photos": len(photos), "steps": args.steps, **rate, "ratio": ratio})
        print(rows[-1], flush=True)
    pd.DataFrame(rows).to_csv(RESULTS / "performance.csv", index=False)


if __name__ == "__main__":
    main()
