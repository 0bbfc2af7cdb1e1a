"""Measure baselines and adversaries; writes data/results/{baselines,adversaries_photos,adversaries_faces}.csv.

Photos are in the NIPS 2017 layout, and those that all three offline networks read right. EfficientNet-Lite 0 is
authorized, 1 and 2 are unauthorized. What the attacker learns from, and what is measured, are different photos.
"""
import argparse
import sys
from pathlib import Path

import faces_tables
import pandas as pd
import torch
from measure import RESULTS, read_correct, through_files

from fmd_nb import FMD, load_model
from fmd_nb.adversaries import COUNTERMEASURES, evaluate_countermeasures, fine_tune, summary, train_purifier
from fmd_nb.baselines import BASELINES, OURS, PRESERVING, compare
from fmd_nb.baselines import summary as summarize_methods
from fmd_nb.classifier import predict_logits
from fmd_nb.evaluate import correct_for_all
from fmd_nb.models import OFFLINE, zoo
from fmd_nb.tasks import load_data

NEAREST = "BSR + preservation"
PRESETS = {"strong": {}, "robust": {}, "paper": {"steps": 20}}  # the paper's 100 steps are cut to 20 to save time
FACES = PRESETS | {"strong": faces_tables.FACES}
LAST = {  # what learns when a network for photos is fine-tuned: its last stage and all after it
    "tf_efficientnet_lite1": ("blocks.6", "conv_head", "bn2", "classifier"),
    "tf_efficientnet_lite2": ("blocks.6", "conv_head", "bn2", "classifier"),
}


def baselines(folder: str) -> None:
    """All methods on every third photo, 12 steps (what `strong` takes); finished ones are not measured again.

    The nearest rival also gets 18 steps, which cost as many passes as 12 steps of `strong`.
    """
    models, file = [load_model(name) for name in OFFLINE], RESULTS / "baselines.csv"
    xs, y = read_correct(folder, models)
    done = pd.read_csv(file) if file.exists() else pd.DataFrame({"method": []})
    jobs = {name: (name, 12) for name in OURS | PRESERVING | BASELINES} | {f"{NEAREST}, 18 steps": (NEAREST, 18)}
    for name in (name for name in jobs if name not in set(done.method)):
        method, steps = jobs[name]
        table = compare(xs[::3], y[::3].tolist(), models[0], models[1:], [method], steps=steps).assign(method=name)
        done = pd.concat([done, table])
        done.to_csv(file, index=False)
        print(summarize_methods(table).round(3).to_string(index=False, header=False), flush=True)


def measure(authorized_model, victims: list, test: tuple, learn: tuple, preset: str, how: dict) -> pd.DataFrame:
    """One preset: protect the attacker's images and ours, let the attacker learn, and let everybody read ours."""
    fmd = FMD.preset(preset, authorized_model, **how["changes"][preset])
    result, own = (fmd.run(torch.stack(xs), y) for xs, y in (test, learn))
    stars, own_stars = (through_files(list(r.x_star)) for r in (result, own))
    print(preset, f"{result.ok.sum()} of {len(test[0])} and {own.ok.sum()} of {len(learn[0])} protected", flush=True)
    plain, _ = train_purifier(learn[0], own_stars, **how["purifier"])
    guided, _ = train_purifier(learn[0], own_stars, guide=victims[0], **how["guided"])
    counters = COUNTERMEASURES | {"purifier": plain.clean, "guided purifier": guided.clean}
    table = evaluate_countermeasures(test[0], stars, test[1], authorized_model, victims, counters)
    tuned = []
    for victim in victims:
        # few photos of 1000 classes: learn to answer as on the originals; faces: learn the right labels
        targets = predict_logits(victim, learn[0]).softmax(1) if victim.name in LAST else learn[1]
        images, y = [*own_stars, *learn[0]], torch.cat([targets, targets])
        tuned.append(fine_tune(victim, images, y, parts=LAST.get(victim.name), **how["tune"]))
    learned = evaluate_countermeasures(test[0], stars, test[1], authorized_model, tuned,
                                       {"fine-tuned victim": COUNTERMEASURES["none"]})
    learned["model"] = learned.model.str.removesuffix(", fine-tuned")
    table = pd.concat([table, learned], ignore_index=True)
    table = table.assign(preset=preset, ok=result.ok.sum().item(), pairs=len(learn[0]))
    print(summary(table).round(3).to_string(index=False), flush=True)
    return table


def photos(folder: str) -> None:
    """Of eight photos two are ours, and three are the attacker's to learn from."""
    models = [load_model(name) for name in OFFLINE]
    xs, y = read_correct(folder, models)
    place = torch.arange(len(xs)) % 8
    parts = place % 4 == 0, (place % 2 == 1) & (place < 7)
    test, learn = (([x for x, m in zip(xs, mine, strict=True) if m], y[mine]) for mine in parts)
    how = {"changes": PRESETS, "purifier": {"steps": 300}, "tune": {"epochs": 3, "lr": 5e-4},
           "guided": {"steps": 100, "batch": 4, "side": 128}}
    write("adversaries_photos.csv", lambda preset: measure(models[0], models[1:], test, learn, preset, how))


def faces() -> None:
    """A hundred faces of the test part that six networks read right are ours, 240 others the attacker's."""
    names = zoo().query("task == 'identity'").model.tolist()
    authorized_model = next(name for name in names if name.endswith("resnet"))
    models = [load_model(name) for name in [authorized_model, *(name for name in names if name != authorized_model)]]
    x, y = correct_for_all(models, load_data(images=780)["test"], 100)
    own, own_y = load_data(images=240, seed=7)["train"].tensors()
    test, learn = (list(x), y), (list(own.float() / 255), own_y)
    how = {"changes": FACES, "purifier": {"steps": 160, "batch": 16}, "guided": {"steps": 120, "batch": 16},
           "tune": {"epochs": 3, "lr": 1e-3}}
    write("adversaries_faces.csv", lambda preset: measure(models[0], models[1:], test, learn, preset, how))


def write(name: str, of_preset) -> None:
    """One preset after the other; finished ones are not measured again."""
    file = RESULTS / name
    tables = [pd.read_csv(file)] if file.exists() else []
    done = {preset for table in tables for preset in table.preset}
    for preset in (preset for preset in PRESETS if preset not in done):
        tables.append(of_preset(preset))
        pd.concat(tables).to_csv(file, index=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["baselines", "photos", "faces"])
    parser.add_argument("folder", nargs="?", type=Path, help="photos: folder with images.csv and images/")
    args = parser.parse_args()
    faces() if args.what == "faces" else {"baselines": baselines, "photos": photos}[args.what](args.folder)


if __name__ == "__main__":
    sys.exit(main())
