"""What undoes a protection, on photos and on faces.

Two of every eight photos are ours, and an attacker learns from three others; EfficientNet-Lite 0 is authorized. A
hundred faces that six networks classify correctly are ours as well; the attacker has 240 others. The presets have
surrogates as they are shipped: one of the two other networks for photos, three of five for faces. Only `paper` has
none. The networks that are left are the victims of every preset.
"""
from functools import lru_cache, partial

import pandas as pd
import torch
from common import correct_photos, face_networks, photo_networks, protect
from runner import Experiment

from fmd_nb.evaluation.protocol import correct_for_all
from fmd_nb.faces.tasks import load_data
from fmd_nb.limits.adversaries import COUNTERMEASURES, evaluate_countermeasures, fine_tune, train_purifier
from fmd_nb.models.classifier import predict_logits

OURS, THEIRS = 100, 240  # faces
PRESETS = {"strong": {}, "robust": {}, "paper": {"steps": 20}}  # 20 of the paper's 100 steps, to save time
LAST = ("blocks.6", "conv_head", "bn2", "classifier")  # what learns in a network for photos
PHOTOS = {"surrogates": 1, "purifier": {"steps": 300},
          "guided": {"steps": 100, "batch": 4, "side": 128}, "tune": {"epochs": 3, "lr": 5e-4, "parts": LAST}}
SYNTHETIC = {"surrogates": 3, "purifier": {"steps": 160, "batch": 16},
             "guided": {"steps": 120, "batch": 16}, "tune": {"epochs": 3, "lr": 1e-3}}


@lru_cache(1)
def photo_parts(root: str) -> tuple:
    """Load networks, our photos and the attacker's."""
    xs, y = correct_photos(root)
    place = torch.arange(len(xs)) % 8
    parts = [([x for x, m in zip(xs, mine, strict=True) if m], y[mine])
             for mine in (place % 4 == 0, (place % 2 == 1) & (place < 7))]
    return photo_networks(), *parts


@lru_cache(1)
def face_parts() -> tuple:
    """Load networks, our faces and the attacker's."""
    models = sorted(face_networks("identity"), key=lambda m: not m.name.endswith("resnet"))
    x, y = correct_for_all(models, load_data(images=780)["test"], OURS)
    own, own_y = load_data(images=THEIRS, seed=7)["train"].tensors()
    return models, (list(x), y), (list(own.float() / 255), own_y)


def measure(load, options: dict, preset: str) -> pd.DataFrame:
    """Protect both sets of images with one preset, let the attacker learn, and evaluate all models on ours."""
    (authorized, *others), (xs, y), (own, own_y) = load()
    surrogates, victims = others[: options["surrogates"]], others[options["surrogates"] :]
    changes = PRESETS[preset] | {"surrogates": () if preset == "paper" else surrogates}
    stars, ok = protect(preset, authorized, xs, y, **changes)
    own_stars, _ = protect(preset, authorized, own, own_y, **changes)
    plain, _ = train_purifier(own, own_stars, **options["purifier"])
    guided, _ = train_purifier(own, own_stars, guide=victims[0], **options["guided"])
    counters = COUNTERMEASURES | {"purifier": plain.clean, "guided purifier": guided.clean}
    table = evaluate_countermeasures(xs, stars, y, authorized, victims, counters)
    tuned = [tune(victim, own, own_stars, own_y, options["tune"]) for victim in victims]
    learned = evaluate_countermeasures(xs, stars, y, authorized, tuned, {"fine-tuned victim": COUNTERMEASURES["none"]})
    learned["model"] = learned.model.str.removesuffix(", fine-tuned")
    return pd.concat([table, learned], ignore_index=True).assign(ok=ok, pairs=len(own))


def tune(victim, own: list, own_stars: list, own_y: torch.Tensor, options: dict):
    """Train a victim on both sets; a photo network, which has few photos of 1000 classes, keeps its predictions."""
    targets = predict_logits(victim, own).softmax(1) if "parts" in options else own_y
    return fine_tune(victim, [*own_stars, *own], torch.cat([targets, targets]), **options)


def experiments(root: str) -> list[Experiment]:
    """List the experiments of this module."""
    cells = [{"preset": preset} for preset in PRESETS]
    return [Experiment("adversaries_photos", partial(measure, partial(photo_parts, root), PHOTOS), cells),
            Experiment("adversaries_faces", partial(measure, face_parts, SYNTHETIC), cells)]
