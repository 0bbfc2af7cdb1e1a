"""Measure the cost of a step, as ratios within one run: FMD against a bare pass, torchattacks and foolbox."""
import statistics
import sys
import time
import warnings

import foolbox
import torch
import torchattacks
from torch.nn import functional as F

from fmd_nb import FMD, load_model
from fmd_nb.method.recipes import recipe
from fmd_nb.method.terms import group

ROUNDS, STEPS, BATCH = 5, 5, 8


def seconds(function, *args) -> float:
    start = time.perf_counter()
    function(*args)
    return time.perf_counter() - start


def bare(model, x, y, steps: int, dtype: torch.dtype) -> None:
    """Run forward and backward of the cross-entropy, nothing else."""
    for _ in range(steps):
        q = x.clone().requires_grad_()
        with torch.autocast("cpu", dtype, enabled=dtype is not torch.float32):
            loss = F.cross_entropy(model(q).float(), y)
        torch.autograd.grad(loss, q)


def fmd(model, x, y, steps: int, precision: str) -> None:
    FMD.paper(model, steps=steps, precision=precision).run(x, y)


def torchattacks_pgd(model, x, y, steps: int) -> None:
    torchattacks.PGD(model, eps=16 / 255, alpha=4 / 255, steps=steps)(x, y)


def foolbox_pgd(model, x, y, steps: int) -> None:
    attack = foolbox.attacks.LinfPGD(steps=steps, abs_stepsize=4 / 255)
    attack(foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu"), x, y, epsilons=16 / 255)


def plain(name: str):
    """Load a network as others use it: weights in the usual memory layout."""
    model = load_model(name)
    model.net.to(memory_format=torch.contiguous_format)
    preprocess = model.preprocess
    model.preprocess = lambda x: preprocess(x).contiguous()
    return model


def per_step(function, *args) -> float:
    """Measure seconds per step: the difference of a long and a short run, so that setting up does not count."""
    *before, last = args
    long, short = seconds(function, *before, STEPS + 2, last), seconds(function, *before, 2, last)
    return (long - short) / STEPS


def compare(name: str) -> None:
    model, other = load_model(name), plain(name)
    g = torch.Generator().manual_seed(0)
    x = (torch.rand(BATCH, 3, 224, 224, generator=g) * 255).round() / 255
    with torch.no_grad():
        y = model(x).argmax(1)
    auto = FMD.paper(model).dtype
    ways = {
        "bare pass, float32": lambda: per_step(bare, model, x, y, torch.float32),
        "FMD paper, float32": lambda: per_step(fmd, model, x, y, "float32"),
        f"bare pass, auto ({auto})": lambda: per_step(bare, model, x, y, auto),
        "FMD paper, auto": lambda: per_step(fmd, model, x, y, "auto"),
        "torchattacks PGD": lambda: per_step(lambda *a: torchattacks_pgd(*a[:-1]), other, x, y, None),
        "foolbox PGD": lambda: per_step(lambda *a: foolbox_pgd(*a[:-1]), other, x, y, None),
    }
    times = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, run in ways.items():
            times[way].append(run())
    print(f"\n{name}, batch {BATCH} at 224 px, {torch.get_num_threads()} threads, median of {ROUNDS} rounds")
    for way, t in times.items():
        print(f"  {way:32} {statistics.median(t) * 1000:7.1f} ms per step")
    fast = times["FMD paper, auto"]
    for way, mine in ((f"bare pass, auto ({auto})", fast), ("bare pass, float32", times["FMD paper, float32"]),
                      ("torchattacks PGD", fast), ("foolbox PGD", fast)):
        ratio = statistics.median(a / b for a, b in zip(mine, times[way], strict=True))
        print(f"  FMD / {way:30} {ratio:.2f}")


def passes_of(nets, run) -> tuple[float, int]:
    """Measure seconds of a run, and count the images that went through the networks with a gradient."""
    count = []
    hooks = [net.register_forward_pre_hook(lambda _, x: count.append(len(x[0]) * x[0].requires_grad)) for net in nets]
    took = seconds(run)
    for hook in hooks:
        hook.remove()
    return took, sum(count)


def compare_default() -> None:
    """Compare the default preset with torchattacks' nearest attack, by the time of a pass forward and backward."""
    model, other = load_model("tf_efficientnet_lite0"), plain("tf_efficientnet_lite0")
    x = (torch.rand(BATCH, 3, 224, 224, generator=torch.Generator().manual_seed(0)) * 255).round() / 255
    with torch.no_grad():
        y = model(x).argmax(1)
    fmd = FMD.preset("robust", model, surrogates="auto", steps=STEPS, lam_retry=None)
    nets = {p.network(0).net for p in group(recipe(fmd.networks, fmd, fmd.lam))}
    attack = torchattacks.DIFGSM(other, eps=16 / 255, alpha=4 / 255, steps=4 * STEPS)
    times = {"FMD robust, three networks": [], "torchattacks DIFGSM, the first of them": []}
    for _ in range(ROUNDS):
        ours, theirs = passes_of(nets, lambda: fmd.run(x, y, warn=False)), passes_of([other.net], lambda: attack(x, y))
        for way, (took, count) in zip(times, (ours, theirs), strict=True):
            times[way].append(1000 * took / count)
    print(f"\ndefault preset, batch {BATCH} at 224 px, {torch.get_num_threads()} threads, median of {ROUNDS} rounds")
    for way, t in times.items():
        print(f"  {way:40} {statistics.median(t):7.1f} ms a pass of an image, there and back")
    ratio = statistics.median(b / a for a, b in zip(*times.values(), strict=True))
    print(f"  in the time of one pass of the attack: {ratio:.2f} of ours")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    compare_default()
    for model_name in sys.argv[1:] or ("resnet18@random", "tf_efficientnet_lite0", "mobilenet_v2@random"):
        compare(model_name)
