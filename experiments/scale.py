"""Folders on Ray: throughput, memory and faults, to data/results/scale_*.csv; nbs/8_folders/6_scale.ipynb shows them.

    python experiments/scale.py throughput --photos FOLDER   workers against one process, ratios within one run
    python experiments/scale.py sizes --photos FOLDER        photos of several sizes, and several in a batch
    python experiments/scale.py memory                       of the driver, for 1,000 and 10,000 small photos
    python experiments/scale.py kills                        twenty kills at random moments: workers, driver, a node

Each run is a process of its own; nothing else should be running.
"""
import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import torch
from runner import RESULTS

from fmd_nb.images.files import read, save, to_8bit

MEMORY = f"""
import sys
sys.path.append({str(Path(__file__).parent)!r})
from memory import peak_mb
"""

RUN = """
import json, time
from pathlib import Path
from fmd_nb import load_model
from fmd_nb.folders.photos import protect
from fmd_nb.support.executors import here, ray
given = json.loads(sys.argv[1])
model = load_model(given["settings"].pop("authorized"))
executor = ray(*given["ray"]) if given["ray"] else here
start = time.perf_counter()
table = protect(given["photos"], given["out"], model, progress=False, executor=executor, **given["settings"])
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "peak_mb": peak_mb(), "ok": int(table.ok.astype(bool).sum())}))
"""


SIZED = """
import json, time
from pathlib import Path
from fmd_nb import FMD, load_model
from fmd_nb.images.files import read, save
given = json.loads(sys.argv[1])
fmd = FMD.preset("robust", load_model("tf_efficientnet_lite0"), surrogates="auto", lam_retry=None, **given["settings"])
files = sorted(Path(given["photos"]).iterdir())
fmd.run([read(files[0])], warn=False)  # what is done once per process
start = time.perf_counter()
for k, x in enumerate(fmd.run([read(file) for file in files], warn=False).x_star):
    save(x, Path(given["out"]) / f"{k}.png")
seconds = time.perf_counter() - start
print(json.dumps({"photos": len(files), "photos_per_minute": 60 * len(files) / seconds, "peak_mb": peak_mb()}))
"""


def start(photos: Path, out: Path, threads: int = 1, code: str = RUN, ray: tuple = (), **settings) -> subprocess.Popen:
    """Start a process that protects a folder; `ray`: address and number of workers."""
    given = json.dumps({"photos": str(photos), "out": str(out), "ray": ray, "settings": settings})
    env = os.environ | {"OMP_NUM_THREADS": str(threads), "RAY_USAGE_STATS_ENABLED": "0"}
    return subprocess.Popen([sys.executable, "-c", MEMORY + code, given], env=env, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True)


def finish(process: subprocess.Popen) -> dict:
    """Read what a process measured."""
    return json.loads(process.communicate()[0].splitlines()[-1])


def noise_photos(folder: Path, count: int, side: int) -> Path:
    """Make small smooth pictures."""
    folder.mkdir()
    rng = torch.Generator().manual_seed(0)
    for k in range(count):
        coarse = torch.rand(1, 3, 5, 5, generator=rng)
        picture = torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic").clamp(0, 1)
        save(picture[0], folder / f"{k:05}.png")
    return folder


def throughput(photos: str, count: int, steps: int, rounds: int) -> pd.DataFrame:
    """Measure seconds for the same photos,  one after the other."""
    ways = {"one process, 1 thread": {}, "one process, 2 threads": {"threads": 2},
            "Ray, 1 worker": {"ray": ("local", 1)}, "Ray, 2 workers": {"ray": ("local", 2)}}
    rows = []
    with tempfile.TemporaryDirectory() as home:
        chosen = Path(home) / "in"
        chosen.mkdir()
        for file in sorted(Path(photos).glob("*"))[:count]:
            (chosen / file.name).symlink_to(file.resolve())
        for k in range(rounds):
            for way, how in ways.items():
                out = Path(home) / f"{k}{way}"
                settings = {"authorized": "tf_efficientnet_lite0", "preset": "robust", "steps": steps, **how}
                found = finish(start(chosen, out, **settings))
                times = sorted(file.stat().st_mtime for file in out.glob("*.png"))
                later = [t for t in times if t > times[0] + 0.5]  # the first batch says when it began
                rate = 60 * len(later) / (times[-1] - times[0])
                facts = {"way": way, "round": k, "photos": count, "steps": steps, "photos_per_minute": rate}
                rows.append(facts | found)
                print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def sizes(photos: str, rounds: int) -> pd.DataFrame:
    """Measure photos per minute in one process of one thread, read and saved: several sizes, several batch sizes."""
    chosen, rows = sorted(Path(photos).glob("*"))[:16], []
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "out").mkdir()
        ways = [("batch", size, 224, 16, {"batch_size": size, "steps": 4}) for size in (1, 2, 4, 8, 16)]
        ways += [("side", side, side, 2, {}) for side in (224, 512, 1024, 2048, 4096)]
        for what, value, side, count, _ in ways:
            folder = Path(home) / f"{what}{value}"
            folder.mkdir()
            for file in chosen[:count]:
                x = torch.nn.functional.interpolate(read(file)[None], (side, side), mode="bicubic", antialias=True)
                save(to_8bit(x[0].clamp(0, 1)), folder / f"{file.stem}.jpg")
        for k in range(rounds):
            for what, value, *_, settings in ways:
                found = finish(start(Path(home) / f"{what}{value}", Path(home) / "out", code=SIZED, **settings))
                rows.append({"what": what, "value": value, "round": k} | found)
                print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def memory(counts: tuple[int, ...] = (1000, 10_000)) -> pd.DataFrame:
    """Measure the driver's largest memory; Ray's workers are other processes."""
    rows = []
    for count in counts:
        with tempfile.TemporaryDirectory() as home:
            photos = noise_photos(Path(home) / "in", count, 64)
            quick = {"authorized": "faces/identity/resnet", "preset": "paper", "steps": 1, "surrogates": []}
            rows.append({"photos": count} | finish(start(photos, Path(home) / "out", ray=("local",), **quick)))
            print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def ray_workers() -> list[int]:
    """List the processes of our actors on this machine."""
    found = subprocess.run(["pgrep", "-f", "ray::Worker"], capture_output=True, text=True).stdout
    return [int(line) for line in found.split()]


def same(a: Path, b: Path) -> bool:
    """Tell whether two folders hold the same files with the same bytes."""
    one, other = ({f.name: f.read_bytes() for f in folder.iterdir()} for folder in (a, b))
    return one == other


def kills(count: int = 20, seed: int = 0) -> pd.DataFrame:
    """Kill a worker or the driver, or take a node away, at random moments, until so many are done; runs go on."""
    from ray.cluster_utils import Cluster

    rng, rows = random.Random(seed), []
    with tempfile.TemporaryDirectory() as home:
        photos = noise_photos(Path(home) / "in", 60, 96)
        settings = {"authorized": "faces/identity/resnet", "preset": "paper", "steps": 150, "surrogates": []}
        finish(start(photos, Path(home) / "alone", **settings))
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        node, run = cluster.add_node(num_cpus=1), 0
        address = cluster.address
        while len(rows) < count:
            out, done = Path(home) / f"out{run}", False
            driver = start(photos, out, **settings, ray=(address,))
            while not done and len(rows) < count:
                time.sleep(rng.uniform(2, 9))
                if driver.poll() is not None:
                    done = True
                    continue
                kind = rng.choice(["worker", "worker", "driver", "node"])
                if kind == "worker" and (found := ray_workers()):
                    os.kill(rng.choice(found), signal.SIGKILL)
                elif kind == "driver":
                    driver.kill()
                    driver.wait()
                    driver = start(photos, out, **settings, ray=(address,))
                elif kind == "node":
                    cluster.remove_node(node)
                    node = cluster.add_node(num_cpus=1)
                else:
                    continue
                rows.append({"kill": len(rows) + 1, "kind": kind, "run": run, "files": len(list(out.glob("*.png")))})
                print(rows[-1], flush=True)
            driver.communicate()
            rows = [row | ({"same": same(Path(home) / "alone", out)} if row["run"] == run else {}) for row in rows]
            print("run", run, "same bytes:", rows[-1]["same"], flush=True)
            run += 1
        cluster.shutdown()
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["throughput", "sizes", "memory", "kills"])
    parser.add_argument("--photos", default="../shared/photos/images", help="folder of photos")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    table = {"throughput": lambda: throughput(args.photos, args.count, args.steps, args.rounds),
             "sizes": lambda: sizes(args.photos, args.rounds), "memory": memory, "kills": kills}[args.what]()
    table.to_csv(RESULTS / f"scale_{args.what}.csv", index=False)
    if args.what == "throughput":
        rates = table.pivot(index="round", columns="way", values="photos_per_minute")
        print({way: round(statistics.median(rates[way] / rates["one process, 1 thread"]), 2) for way in rates})


if __name__ == "__main__":
    main()
