"""Train the small detector of faces, data/detector.safetensors, on generated scenes: about five minutes on one core."""
import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import save as as_bytes
from torch import Tensor
from torchmetrics.detection import MeanAveragePrecision

from fmd_nb.faces.scenes import SceneDataset
from fmd_nb.limits.detection import Detector, detect, face_detector
from fmd_nb.models.training import adamw_one_cycle, train_steps
from fmd_nb.support.storage import atomic_write

OUT = Path(__file__).parent.parent / "data/detector.safetensors"


def augment(x: Tensor, target: dict[str, Tensor], rng: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
    """Mirror half of the scenes, and add noise to half of them."""
    if torch.rand((), generator=rng) < 0.5:
        boxes = target["boxes"].clone()
        boxes[:, [0, 2]] = x.shape[-1] - boxes[:, [2, 0]]
        x, target = x.flip(-1), target | {"boxes": boxes}
    if torch.rand((), generator=rng) < 0.5:
        strength = torch.rand((), generator=rng) * 16 / 255
        x = (x + strength * (2 * torch.rand(x.shape, generator=rng) - 1)).clamp(0, 1)
    return x, target


def batches(scenes: list, size: int, rng: torch.Generator) -> Iterator[tuple[list[Tensor], list[dict[str, Tensor]]]]:
    """Pass once through the scenes, augmented and in a random order; leave out what does not fill a batch."""
    for chosen in torch.randperm(len(scenes), generator=rng).split(size)[: len(scenes) // size]:
        images, targets = zip(*(augment(*scenes[k], rng) for k in chosen.tolist()), strict=True)
        yield list(images), list(targets)


def fit(net: torch.nn.Module, scenes: list, epochs: int, batch: int = 8, lr: float = 4e-3) -> None:
    """Train by one cycle on the classification, box and centre losses of FCOS."""
    rng, start = torch.Generator().manual_seed(0), time.perf_counter()
    optimizer, schedule = adamw_one_cycle(net.parameters(), lr, epochs * (len(scenes) // batch), weight_decay=1e-3)
    for epoch in range(epochs):
        scene_batches = batches(scenes, batch, rng)
        losses = train_steps(optimizer, schedule, scene_batches, lambda b: sum(net(*b).values()), clip=5.0)
        took = time.perf_counter() - start
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.3f}, {took:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=500)
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    start = time.perf_counter()
    scenes = [SceneDataset("train", args.scenes, size=192)[k] for k in range(args.scenes)]
    print(f"{len(scenes)} scenes drawn in {time.perf_counter() - start:.0f} s", flush=True)
    torch.manual_seed(0)
    net = face_detector()
    fit(net, scenes, args.epochs)
    half = {name: v.contiguous().half() if v.is_floating_point() else v for name, v in net.state_dict().items()}
    net.load_state_dict(half)
    test = SceneDataset("test", 100, size=320)
    images, truths = zip(*(test[k] for k in range(len(test))), strict=True)
    metric = MeanAveragePrecision()
    metric.update(detect(Detector(net, "faces", test.classes), images), list(truths))
    scores = {k: round(metric.compute()[k].item(), 4) for k in ("map", "map_50")}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(args.out) as file:
        file.write(as_bytes(half))
    card = {"task": "detection of faces in generated scenes", "architecture": "fmd_nb.limits.detection.face_detector",
            "classes": test.classes, "train": f"SceneDataset('train', {args.scenes}, size=192)",
            "accuracy": {"test scenes": len(test), "size": 320, **scores}, "licence": "Apache-2.0"}
    args.out.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(scores, f"{args.out.stat().st_size / 1e6:.2f} MB, {time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
