"""How fast the explorer answers: seconds from a change of a control to the first and to the last view.

Median of EDITS changes of one slider after the other, 20 steps, three unauthorized models where there are so many,
Grad-CAM; then 200 random changes that are fired faster than they can be computed.
"""
import argparse
import random
import resource
import statistics
import tempfile
import time

import torch

from fmd_nb.explorer import Explorer, Store

BARS = {"photos": (0.6, 2.5), "faces": (0.3, 1.5)}  # seconds to the first and the last view


def change(explorer: Explorer, k: int) -> None:
    """The k-th change: another budget, weight, seed or picture, each time one that was not seen before."""
    name = ("eps255", "lam", "seed", "picture")[k % 4]
    control = explorer.controls[name]
    if name == "picture":
        control.index = (control.index + 1) % len(control.options)
    else:
        control.value = {"eps255": 8 + k // 4, "lam": 0.3 + 0.05 * k, "seed": 100 + k}[name]


def answer_times(explorer: Explorer, k: int) -> tuple[float, float]:
    """Seconds to the first view of a run that is on its way, and to the last."""
    views, draw = [], explorer._mail.draw
    explorer._mail.draw = lambda message: (draw(message), views.append((time.perf_counter() - start, message[1])))
    start = time.perf_counter()
    change(explorer, k)
    while not (views and views[-1][1].done):
        explorer._mail.empty()
        time.sleep(0.002)
    explorer._mail.draw = draw
    first = next(seconds for seconds, view in views if view.step is not None)
    return first, views[-1][0]


def storm(explorer: Explorer, n: int = 200) -> tuple[bool, float]:
    """Whether the last of n random changes is what is shown, and by how many MB the memory grew."""
    rng, before = random.Random(0), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(n):
        name = rng.choice(["eps255", "alpha255", "steps", "lam", "seed", "picture", "gain"])
        control = explorer.controls[name]
        if hasattr(control, "options"):
            control.index = rng.randrange(len(control.options))
        else:
            control.value = rng.randint(int(control.min), int(min(control.max, 30)))
        time.sleep(rng.random() * 0.02)
    view = explorer.wait(300)
    same = view is not None and view.done and view.state.run_key == explorer.state.run_key
    return same, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--presets", nargs="*", default=["strong", "paper"])
    parser.add_argument("--scenarios", nargs="*", default=["photos", "faces"], help="beginnings of their names")
    args = parser.parse_args()
    scenarios = {n: w for n, w in Store().scenarios.items() if any(n.startswith(name) for name in args.scenarios)}
    print(f"{torch.get_num_threads()} threads")
    for name, scenario in list(scenarios.items()):
        explorer = Explorer({name: scenario}, tempfile.mkdtemp())
        for preset in args.presets:
            explorer.controls["preset"].value = preset
            explorer.controls["steps"].value = 20
            explorer.wait(300)
            times = [answer_times(explorer, k) for k in range(args.changes)]
            first, last = (statistics.median(column) for column in zip(*times, strict=True))
            bar = next(bar for start, bar in BARS.items() if name.startswith(start))
            print(f"{name}, {preset}: first view {first:.2f} s (bar {bar[0]}), last {last:.2f} s (bar {bar[1]}), "
                  f"median of {args.changes}; {len(explorer.view.results) - 1} unauthorized", flush=True)
        same, grown = storm(explorer)
        print(f"{name}, 200 changes: the last state is {'shown' if same else 'NOT shown'}, error {explorer.error!r}, "
              f"memory grew by {grown:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
