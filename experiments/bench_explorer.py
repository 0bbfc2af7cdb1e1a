"""Measure how fast the explorer answers: seconds from the move of a control to the first and to the last frame.

The median over MOVES moves of one slider after the other, with 20 steps, Grad-CAM and up to three unauthorized models;
then 200 random moves, faster than the explorer computes.
"""
import argparse
import random
import resource
import statistics
import tempfile
import time

import torch

from fmd_nb.explorer import Explorer, Store

BARS = {"photos": (0.6, 2.5), "faces": (0.3, 1.5)}  # seconds to the first and the last frame


def move(explorer: Explorer, k: int) -> None:
    """Make the k-th move: a budget, weight, seed or picture that was not seen before."""
    name = ("eps255", "lam", "seed", "picture")[k % 4]
    control = explorer.controls[name]
    if name == "picture":
        control.index = (control.index + 1) % len(control.options)
    else:
        control.value = {"eps255": 8 + k // 4, "lam": 0.3 + 0.05 * k, "seed": 100 + k}[name]


def answer_times(explorer: Explorer, k: int) -> tuple[float, float]:
    """Return the seconds to the first iterate that is shown, and to the last frame."""
    frames, draw = [], explorer.draw
    explorer.draw = lambda result: (draw(result), frames.append((time.perf_counter() - start, result[0])))
    start = time.perf_counter()
    move(explorer, k)
    while not (frames and frames[-1][1].done):
        explorer.mail.empty()
        time.sleep(0.002)
    explorer.draw = draw
    first = next(seconds for seconds, frame in frames if frame.step is not None)
    return first, frames[-1][0]


def storm(explorer: Explorer, n: int = 200) -> tuple[bool, float]:
    """Tell whether the last of n random moves is what is shown, and by how many MB the memory grew."""
    rng, before = random.Random(0), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(n):
        name = rng.choice(["eps255", "alpha255", "steps", "lam", "seed", "picture", "gain"])
        control = explorer.controls[name]
        if hasattr(control, "options"):
            control.index = rng.randrange(len(control.options))
        else:
            control.value = rng.randint(int(control.min), int(min(control.max, 30)))
        time.sleep(rng.random() * 0.02)
    frame = explorer.wait(300)
    same = frame is not None and frame.done and frame.state.run_key == explorer.state.run_key
    return same, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=20)
    parser.add_argument("--presets", nargs="*", default=["strong", "paper"])
    parser.add_argument("--scenarios", nargs="*", default=["photos", "faces"], help="first letters of their names")
    args = parser.parse_args()
    scenarios = {n: w for n, w in Store().scenarios.items() if any(n.startswith(name) for name in args.scenarios)}
    print(f"{torch.get_num_threads()} threads")
    for name, scenario in list(scenarios.items()):
        explorer = Explorer({name: scenario}, tempfile.mkdtemp())
        for preset in args.presets:
            explorer.controls["preset"].value = preset
            explorer.controls["steps"].value = 20
            explorer.wait(300)
            times = [answer_times(explorer, k) for k in range(args.moves)]
            first, last = (statistics.median(column) for column in zip(*times, strict=True))
            bar = next(bar for start, bar in BARS.items() if name.startswith(start))
            print(f"{name}, {preset}: first frame {first:.2f} s (bar {bar[0]}), last {last:.2f} s (bar {bar[1]}), "
                  f"median of {args.moves}; {len(explorer.result.results) - 1} unauthorized", flush=True)
        same, grown = storm(explorer)
        print(f"{name}, 200 moves: the last state is {'shown' if same else 'NOT shown'}, error {explorer.error!r}, "
              f"memory grew by {grown:.0f} MB", flush=True)
        explorer.close()


if __name__ == "__main__":
    main()
