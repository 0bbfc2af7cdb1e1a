"""Train the faces zoo, data/zoo/: six small architectures for three tasks, about three quarters of an hour on one core.

Faces are drawn once and kept in a cache folder. Finished networks are not trained again; an interrupted one goes on.
"""
import argparse
from pathlib import Path

import pandas as pd

from fmd_nb.faces.tasks import train
from fmd_nb.models.loading import SMALL

OUT = Path(__file__).parent.parent / "data/zoo/faces"
TASKS = {  # emotion and glasses begin from the identity networks, which know faces already, and see every pixel
    "identity": {"epochs": 5, "images": 12000},
    "emotion": {"epochs": 6, "images": 6000, "lr": 2e-3, "pretrained": True, "size": 96},
    "glasses": {"epochs": 4, "lr": 2e-3, "pretrained": True, "size": 96},
}
SLOW = {("emotion", "small/convnext"): {"epochs": 18, "lr": 3e-3}, ("glasses", "small/convnext"): {"epochs": 10}}
RECIPE = {"noise_probability": 0.25, "contrast_jitter": (0.5, 1.4)}  # contrasts of 0.16 to 0.46


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="*", choices=TASKS, default=[*TASKS])
    parser.add_argument("--models", nargs="*", choices=SMALL, default=[*SMALL])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--cache", type=Path, default=Path("build/faces"), help="folder that keeps the drawn faces")
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    tables = []
    for task in args.tasks:
        for model in args.models:
            how = RECIPE | TASKS[task] | SLOW.get((task, model), {})
            begin = f"faces/identity/{model.rpartition('/')[2]}" if how.get("pretrained") else model
            table = train("faces", None, task, begin, args.out, device=args.device, cache=args.cache, **how)
            print(table.round(4).to_string(index=False, header=False), flush=True)
            tables.append(table)
    everything = pd.concat(tables)
    size = sum(f.stat().st_size for f in args.out.rglob("*.safetensors")) / 1e6
    print(f"{len(everything)} networks, {size:.1f} MB; lowest accuracy: {everything.test.min():.1%} clean, "
          f"{everything.test_noise.min():.1%} under noise")


if __name__ == "__main__":
    main()
