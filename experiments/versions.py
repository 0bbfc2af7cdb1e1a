"""Photos per minute at the default preset, by an earlier version and by this one, to data/results/performance.csv.

    git worktree add ../before COMMIT
    python experiments/versions.py --before ../before --photos FOLDER

Each run is a process of its own. Both versions use this version's data files, weights among them. Nothing else should
run.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import pandas as pd
from runner import RESULTS

RUN = """
import json, sys, time
from pathlib import Path
import torch
import fmd_nb
from fmd_nb import FMD, load_model
from fmd_nb.images.files import read
given = json.loads(sys.argv[1])
assert Path(fmd_nb.__file__).parent.parent == Path(given["code"])
torch.set_num_threads(given["threads"])
fmd = FMD.preset("robust", load_model("tf_efficientnet_lite0"), surrogates="auto")
photos = [read(file) for file in given["photos"]]
start = time.perf_counter()
result = fmd.run(photos, warn=False)
print(json.dumps({"seconds": time.perf_counter() - start, "ok": int(result.ok.sum()), "iterates": len(result.history)}))
"""


def measure(code: Path, threads: int, photos: list[Path]) -> dict:
    """Run a version."""
    given = json.dumps({"code": str(code), "threads": threads, "photos": list(map(str, photos))})
    env = os.environ | {"PYTHONPATH": str(code), "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, "-c", RUN, given]
    done = subprocess.run(command, env=env, cwd=code, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, required=True, help="checkout of an earlier version")
    parser.add_argument("--photos", default="../shared/photos/images", help="folder of photos")
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    photos = [file.resolve() for file in sorted(Path(args.photos).glob("*"))[: args.count]]
    versions, rows = {"before": args.before.resolve(), "now": Path(__file__).resolve().parent.parent}, []
    for threads in (1, 2):
        took = {way: [] for way in versions}
        for _ in range(args.rounds):
            for way, code in versions.items():
                took[way].append(measure(code, threads, photos))
                print(threads, way, took[way][-1], flush=True)
        ratio = statistics.median(a["seconds"] / b["seconds"] for a, b in zip(*took.values(), strict=True))
        rate = {f"{way}, photos/min": 60 * len(photos) / statistics.median(run["seconds"] for run in runs)
                for way, runs in took.items()}
        work = {f"{way}, iterates": runs[0]["iterates"] for way, runs in took.items()}
        rows.append({"threads": threads, "photos": len(photos), **rate, **work, "ratio": ratio})
    pd.DataFrame(rows).to_csv(RESULTS / "performance.csv", index=False)


if __name__ == "__main__":
    main()
