"""Measure the faces zoo, each network authorized in turn; writes data/results/faces_*.csv.

The faces are the first ones of the test part that all six networks of a task classify correctly. Victims are only ever
queried, on files that were saved and read again. Finished tables are not measured again, unless --only names them.
"""
import argparse
from pathlib import Path

import pandas as pd
import torch

from fmd_nb import FMD, crosstask, load_model
from fmd_nb.evaluate import correct_for_all, select_correct, through_files
from fmd_nb.models import zoo
from fmd_nb.tables import cross_table, summary
from fmd_nb.tasks import load_data
from fmd_nb.transforms import Coarsest

RESULTS = Path(__file__).parent.parent / "data/results"
COARSE, FINE = Coarsest().parts  # the preset chooses one of them for each face
FACES = {"steps": 20, "misclassification_weight": 0.5}  # with 1 more faces lose their label and are made anew, weaker
SETTINGS = {  # name: task, preset, surrogates, changes
    "identity_paper": ("identity", "paper", 0, {}),
    "identity_preset": ("identity", "strong", 0, {}),
    "identity_strong": ("identity", "strong", 0, FACES),
    "identity_fine": ("identity", "strong", 0, FACES | {"transform": FINE}),
    "identity_surrogates": ("identity", "strong", 2, FACES),
    "emotion_paper": ("emotion", "paper", 0, {}),
    "emotion_preset": ("emotion", "strong", 0, {}),
    "emotion_strong": ("emotion", "strong", 0, FACES),
    "emotion_coarse": ("emotion", "strong", 0, FACES | {"transform": COARSE}),
    "emotion_surrogates": ("emotion", "strong", 2, FACES),
}


def networks(task: str) -> list:
    """The zoo's networks of a task."""
    table = zoo()
    return [load_model(name) for name in table[table.task == task].model]


def measure(name: str, n: int) -> pd.DataFrame:
    """One table of six by six."""
    task, preset, surrogates_, changes = SETTINGS[name]
    models = networks(task)
    x, y = correct_for_all(models, load_data(task=task, images=6 * 4 * n)["test"], n)
    return cross_table(models, x, y, preset, surrogates_, **changes)


def correct_for_every_task(data: dict, models: dict, n: int) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Faces whose every label every network predicts correctly, and the labels by task."""
    x = torch.stack([data["identity"][i][0] for i in range(len(data["identity"]))])
    y = {task: torch.tensor([int(d[i][1]) for i in range(len(d))]) for task, d in data.items()}
    correct = torch.stack([select_correct(group, x, y[task]) for task, group in models.items()]).all(0)
    return x[correct][:n], {task: labels[correct][:n] for task, labels in y.items()}


def cross_task(n: int) -> pd.DataFrame:
    """Protected for one task, evaluated on all: six networks authorized in turn."""
    tasks = ("identity", "emotion", "glasses")
    models = {task: networks(task) for task in tasks}
    x, y = correct_for_every_task({t: load_data(task=t, images=6 * 6 * n)["test"] for t in tasks}, models, n)
    tables = []
    for task in tasks:
        for model in models[task]:
            stars = through_files(FMD.preset("strong", model, **FACES).run(x, y[task], warn=False).x_star)
            labels = {t: labels.tolist() for t, labels in y.items()}
            table = crosstask.cross_task(list(x), {task: stars}, models, labels, [model.name])
            tables.append(table.assign(authorized=model.name))
    return pd.concat(tables)


def cross_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of the unauthorized networks: protected for the row's task, evaluated on the column's."""
    others = table[table.role == "unauthorized"]
    return others.pivot_table(index="protected_for", columns="asked_for", values="protected").round(4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=[*SETTINGS, "cross_task"], help="measure these, again if need be")
    parser.add_argument("-n", type=int, default=100, help="faces")
    args = parser.parse_args()
    for name in args.only or [*SETTINGS, "cross_task"]:
        file = RESULTS / f"faces_{name}.csv"
        if file.exists() and not args.only:
            continue
        table = cross_task(args.n) if name == "cross_task" else measure(name, args.n)
        table.to_csv(file, index=False)
        print(name, summary(table).round(4) if name != "cross_task" else cross_summary(table), sep="\n", flush=True)


if __name__ == "__main__":
    main()
