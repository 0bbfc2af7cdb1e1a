"""Measure where models look at protected photos; writes data/results/attention.csv.

Grad-CAM of the right answer on original and protected file, for every second photo (NIPS 2017 layout) that all three
offline networks read right. One row a model and figure, as `fmd_nb.attribution.summarize_shifts` gives it, for each preset and
each network authorized in turn. The preset `paper` runs 20 of its 100 steps.
Finished ones are not measured again.
"""
import argparse
import sys
from itertools import product
from pathlib import Path

import pandas as pd
import torch
from measure import RESULTS, read_correct, through_files

from fmd_nb import FMD, load_model
from fmd_nb.attribution import map_shifts, summarize_shifts
from fmd_nb.models import OFFLINE

SETTINGS = {"paper, 20 steps": ("paper", {"steps": 20}), "strong": ("strong", {})}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", help="folder with images.csv and images/")
    parser.add_argument("--every", type=int, default=2, help="take every so many photos (default 2)")
    parser.add_argument("--authorized", type=int, default=3, help="how many networks take their turn (default 3)")
    parser.add_argument("--out", type=Path, default=RESULTS / "attention.csv")
    args = parser.parse_args()
    models = [load_model(name) for name in OFFLINE]
    xs, y = (part[:: args.every] for part in read_correct(args.photos, models))
    done = pd.read_csv(args.out) if args.out.exists() else pd.DataFrame(columns=["setting", "authorized"])
    for authorized_model, (name, (preset, changes)) in product(models[: args.authorized], SETTINGS.items()):
        if ((done.setting == name) & (done.authorized == authorized_model.name)).any():
            continue
        order = [authorized_model, *(m for m in models if m is not authorized_model)]
        result = FMD.preset(preset, authorized_model, **changes).run(torch.stack(xs), y)
        table = summarize_shifts(map_shifts(xs, through_files(list(result.x_star)), order, y.tolist()))
        table = table.assign(setting=name, authorized=authorized_model.name, ok=result.ok.sum().item(), photos=len(xs))
        print(name, authorized_model.name, table.round(3).to_string(), sep="\n", flush=True)
        done = pd.concat([done, table]) if len(done) else table
        done.to_csv(args.out, index=False)


if __name__ == "__main__":
    sys.exit(main())
