"""Every experiment on a few small images: it runs, and gives the columns of the table that it fills."""
import importlib
import runpy
import sys
from copy import copy
from pathlib import Path

import pandas as pd
import pytest
import torch

from fmd_nb import FMD, load_model
from fmd_nb.faces.synthetic import FacesDataset
from fmd_nb.models.features import suggest_layer
from fmd_nb.models.loading import OFFLINE
from fmd_nb.support.errors import InputError
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow
MODULES = sorted(file.stem for file in (ROOT / "experiments").glob("*.py"))
EARLIER = {"seconds", "eps255", "surrogate"}  # columns that an earlier version wrote; no notebook reads them
SCALE = ("kills", "memory", "sizes", "throughput")
DECLARED = [name for name in MODULES if "def experiments(" in (ROOT / f"experiments/{name}.py").read_text("utf-8")]
SIZES = {"detectors": {"COUNT": 2}, "faces": {"COUNT": 2, "FEWER": 1}, "adversaries": {"OURS": 2, "THEIRS": 6}}


def copies(task: str) -> tuple:
    """Six networks of a task that differ by their names only: the quickest of the zoo."""
    model = load_model(f"faces/{task}/vgg")
    found = tuple(copy(model) for _ in range(6))
    for k, other in enumerate(found):
        other.name = f"{model.name}{k}"
    return found


@pytest.fixture(scope="module")
def modules():
    """All modules of experiments/, with three small networks for those of photos, and eight faces for the photos."""
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "experiments"))
        common = importlib.import_module("common")
        nets = tuple(load_model(f"faces/identity/{name}") for name in ("resnet", "vgg", "shufflenet"))
        pixels, labels = FacesDataset(split="test", n=8, size=64).tensors()
        patch.setattr(common, "photo_networks", lambda: nets)
        patch.setattr(common, "face_networks", copies)
        patch.setattr(common, "correct_photos", lambda root: (list(pixels.float() / 255), labels))
        patch.setitem(common.SMALLER, "steps", 1)
        found = {name: importlib.import_module(name) for name in MODULES}
        for name, changes in SIZES.items():
            for constant, value in changes.items():
                patch.setattr(found[name], constant, value)
        patch.setattr(found["photos"], "DEPTHS", [suggest_layer(nets[0])])
        quick = {name: (method, 2) for name, (method, _) in found["baselines"].METHODS.items()}
        patch.setattr(found["baselines"], "METHODS", quick)
        for options in (found["adversaries"].PHOTOS, found["adversaries"].SYNTHETIC):
            patch.setitem(options, "purifier", {"steps": 2, "batch": 2, "side": 32})
            patch.setitem(options, "guided", {"steps": 2, "batch": 2, "side": 32})
            patch.setitem(options, "tune", {"epochs": 1})
        yield found
    for name in set(sys.modules) - before:  # their names are common ones
        if Path(getattr(sys.modules[name], "__file__", None) or "/").parent == ROOT / "experiments":
            del sys.modules[name]


def declared(modules, name: str) -> dict:
    """The experiments of a module by the name of their table."""
    return {e.name: e for e in modules[name].experiments("")}


@pytest.mark.parametrize("name", DECLARED)
def test_an_experiment_gives_the_rows_of_its_table(modules, name):
    for experiment in modules[name].experiments(""):
        cell = experiment.cells[-1]
        rows = modules["runner"].measure(experiment, cell)
        assert len(rows) and (rows[list(cell)] == pd.Series(cell)).all(axis=None), experiment.name
        if experiment.file.exists():
            gone = set(pd.read_csv(experiment.file, nrows=1).columns) - set(rows.columns) - EARLIER
            assert not gone, (experiment.name, gone)


def test_a_variant_is_another_setting_or_another_term(modules):
    variants, common = modules["variants"], modules["common"]
    xs, y = common.correct_photos("")
    fmd = FMD.preset("strong", common.photo_networks()[0], steps=3, **variants.UNIFORM)
    found = {name: variants.protect(fmd, torch.stack(xs), y, change) for name, (_, change) in variants.VARIANTS.items()}
    assert torch.equal(torch.stack(found["strong"][0]), fmd.run(torch.stack(xs), y, warn=False).x_star)
    pixels = {name: torch.stack(stars) for name, (stars, _) in found.items()}
    assert [name for name, x in pixels.items() if not torch.equal(x, pixels["strong"])] == ["channels", "FIA"]


def test_tables_that_are_shipped_belong_to_an_experiment(modules):
    declared = {e.name for name in DECLARED for e in modules[name].experiments("")}
    shipped = {file.stem for file in (ROOT / "data/results").glob("*.csv")}
    assert shipped - declared == {"performance", "profile", "untrusted"} | {f"scale_{w}" for w in SCALE}


def test_layers_and_parts_are_those_of_the_photo_networks(modules):
    depths = runpy.run_path(str(ROOT / "experiments/photos.py"))["DEPTHS"]  # the fixture replaces them
    names = {name for name, _ in load_model(next(iter(OFFLINE))).net.named_modules()}
    assert len(depths) > 4 and {*depths, *modules["adversaries"].LAST} <= names


def test_a_run_goes_on_where_it_was_stopped(modules, tmp_path, monkeypatch):
    runner, measured = modules["runner"], []
    monkeypatch.setattr(runner, "RESULTS", tmp_path)

    def measure(cell: str) -> pd.DataFrame:
        measured.append(cell)
        if cell == "b" and len(measured) < 3:
            raise InputError("not today")
        return pd.DataFrame({"value": [len(measured)]})

    experiment = runner.Experiment("tried", measure, [{"cell": name} for name in "abc"])
    first = runner.run(experiment)
    assert measured == list("abc") and first.cell.tolist() == ["a", "c"]
    assert runner.run(experiment).cell.tolist() == ["a", "c", "b"] and measured == list("abcb")
    assert pd.read_csv(experiment.file).value.tolist() == [1, 3, 4]
