"""The zoo's networks on synthetic faces, each authorized in turn.

The faces are the first ones of the test part that all six networks of a task classify correctly. Victims are only ever
queried, on files that were saved and read again.
"""
from functools import partial

import pandas as pd
import torch
from common import SMALLER, face_networks, in_turn, protect
from runner import Experiment

from fmd_nb.evaluation.protocol import correct_for_all, select_correct
from fmd_nb.evaluation.tables import cross_table
from fmd_nb.faces.tasks import load_data
from fmd_nb.limits.other_tasks import cross_task
from fmd_nb.method.views import Coarsest

COUNT = 100  # faces of a table
FEWER = 16  # where a face takes long
COARSE, FINE = Coarsest().parts  # the preset chooses one of them for each face
UNIFORM = {"keep_under": (), "mask_floor": 1.0, "step_decay": 1.0, "surrogate_weight": 2.0}
FACES = UNIFORM | {"steps": 20, "misclassification_weight": 0.5}  # with 1 more faces lose their label and are run again
TASKS = ("identity", "emotion", "glasses")
SETTINGS = {  # file: task, preset, surrogates, changes
    "faces_identity_paper": ("identity", "paper", 0, {}),
    "faces_identity_preset": ("identity", "strong", 0, UNIFORM),
    "faces_identity_robust": ("identity", "robust", 4, {}),  # as shipped; one network is left to be queried
    "faces_identity_shipped": ("identity", "strong", 4, {}),
    "faces_identity_strong": ("identity", "strong", 0, FACES),
    "faces_identity_fine": ("identity", "strong", 0, FACES | {"view": FINE}),
    "faces_identity_surrogates": ("identity", "strong", 2, FACES),
    "faces_emotion_paper": ("emotion", "paper", 0, {}),
    "faces_emotion_preset": ("emotion", "strong", 0, UNIFORM),
    "faces_emotion_robust": ("emotion", "robust", 4, {}),
    "faces_emotion_shipped": ("emotion", "strong", 4, {}),
    "faces_emotion_strong": ("emotion", "strong", 0, FACES),
    "faces_emotion_coarse": ("emotion", "strong", 0, FACES | {"view": COARSE}),
    "faces_emotion_surrogates": ("emotion", "strong", 2, FACES),
}


def measure(name: str) -> pd.DataFrame:
    """Measure one table of six by six."""
    task, preset, surrogates, changes = SETTINGS[name]
    models = face_networks(task)
    count = FEWER if surrogates > 2 else COUNT
    x, y = correct_for_all(models, load_data(task=task, images=6 * 4 * count)["test"], count)
    return cross_table(models, x, y, preset, surrogates, **changes | SMALLER)


def correct_for_every_task() -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Find faces whose labels all networks of all tasks predict correctly, and give the labels by task."""
    data = {task: load_data(task=task, images=6 * 6 * COUNT)["test"] for task in TASKS}
    x = torch.stack([image for image, _ in data[TASKS[0]]])
    y = {task: torch.tensor(part.labels) for task, part in data.items()}
    correct = torch.stack([select_correct(face_networks(task), x, y[task]) for task in TASKS]).all(0)
    return x[correct][:COUNT], {task: labels[correct][:COUNT] for task, labels in y.items()}


def measure_tasks(protected_for: str, authorized: str) -> pd.DataFrame:
    """Protect for one task and network, and evaluate on all tasks."""
    x, y = correct_for_every_task()
    model, _ = in_turn(face_networks(protected_for), authorized)
    stars, _ = protect("strong", model, x, y[protected_for], **FACES)
    models = {task: face_networks(task) for task in TASKS}
    labels = {task: values.tolist() for task, values in y.items()}
    return cross_task(list(x), {protected_for: stars}, models, labels, {protected_for: model.name})


def experiments(root: str = "") -> list[Experiment]:
    """List the experiments of this module; the faces need no folder."""
    cells = [{"protected_for": task, "authorized": m.name} for task in TASKS for m in face_networks(task)]
    made = [Experiment(name, partial(measure, name)) for name in SETTINGS]
    return [*made, Experiment("faces_cross_task", measure_tasks, cells)]
