"""Where the time of a protected photo goes: stacks of a run, sampled 200 times a second, to data/results/profile.csv.

    python experiments/profiling.py [--photos FOLDER] [--preset robust] [--count 8]

One thread runs, so a sample is a share of the time. The notebook on performance makes a table and a flame graph of it.
py-spy has to run as root on some systems.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd
from runner import RESULTS

RUN = """
from pathlib import Path
import sys
from fmd_nb import protect
from fmd_nb.images.datasets import sample_photos
folder, preset, count, out = sys.argv[1:]
photos = sorted(Path(folder).glob("*")) if folder else list(sample_photos().file)
protect(photos[: int(count)], out, preset=preset, progress=False)
"""


def record(folder: str, preset: str, count: int) -> str:
    """Record collapsed stacks, one per line: frames from the outside in, and how often they were seen."""
    with tempfile.TemporaryDirectory() as home:
        raw = Path(home) / "stacks.txt"
        sampler = [str(Path(sys.executable).parent / "py-spy"), "record", "--rate", "200", "--format", "raw"]
        program = [sys.executable, "-c", RUN, folder, preset, str(count), f"{home}/out"]
        one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
        subprocess.run([*sampler, "--output", raw, "--", *program], check=True, env=one_thread,
                       stdout=subprocess.DEVNULL)
        return raw.read_text()


def frames(stack: str) -> str:
    """Keep the frames of this package, and the first one below them, from the outside in."""
    kept = []
    for name, place in re.findall(r"([^;]*?) \((.*?)(?::\d+)?\)(?:;|$)", stack):
        if "fmd_nb" in place and "<" not in name and Path(place).stem not in ("executors", "errors"):
            kept.append(f"{Path(place).stem}.{name}")
        elif "fmd_nb" not in place and kept and "." in kept[-1]:
            kept.append(name)
    return ";".join(kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="", help="folder of photos; none: the sample photos")
    parser.add_argument("--preset", default="robust")
    parser.add_argument("--count", type=int, default=8)
    args = parser.parse_args()
    seen = Counter()
    for line in record(args.photos, args.preset, args.count).splitlines():
        stack, _, times = line.rpartition(" ")
        seen[frames(stack)] += int(times)
    rows = [(stack, n) for stack, n in seen.most_common() if stack and n > 1]
    table = pd.DataFrame(rows, columns=["stack", "samples"])
    table.assign(preset=args.preset, photos=args.count).to_csv(RESULTS / "profile.csv", index=False)
    print(f"{len(table)} stacks, {table.samples.sum()} samples; nbs/8_folders/5_performance.ipynb draws them")


if __name__ == "__main__":
    main()
