"""Training as a process that is killed, and what a card must carry."""
import json
import signal
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from fmd_nb.faces.synthetic import ZOO_CONTRAST
from fmd_nb.faces.tasks import new_model, save_model, train
from fmd_nb.models.features import suggest_layer
from fmd_nb.models.loading import SMALL, load_model, read_card, zoo
from fmd_nb.models.training import Packed, TrainingRecipe, accuracy, augment, fit, one_cycle
from fmd_nb.support.errors import InputError

CODE = """
import sys
from fmd_nb.faces.tasks import train
train("folder", sys.argv[1], "light", "small/resnet", sys.argv[2], epochs=6, size=32, batch_size=4, progress=False)
"""


@pytest.fixture
def pictures(tmp_path):
    """Bright and dim pictures, a folder a class."""
    rng = torch.Generator().manual_seed(0)
    for i in range(60):
        low = 120 * (i % 2)
        pixels = torch.randint(low, low + 120, (24, 24, 3), generator=rng, dtype=torch.uint8)
        path = tmp_path / "pictures" / ("dim", "bright")[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.numpy()).save(path)
    return tmp_path / "pictures"


def start(pictures: Path, out: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", CODE, str(pictures), str(out)])


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_weights(pictures, tmp_path):
    assert start(pictures, tmp_path / "whole").wait() == 0
    half, checkpoint = start(pictures, tmp_path / "halves"), tmp_path / "halves/light/resnet.checkpoint"
    while not checkpoint.exists() and half.poll() is None:
        time.sleep(0.005)
    half.send_signal(signal.SIGKILL)
    half.wait()
    assert checkpoint.exists() and not checkpoint.with_suffix(".safetensors").exists()
    begun = len(torch.load(checkpoint, weights_only=True)["metrics"])
    assert 1 <= begun < 6
    assert start(pictures, tmp_path / "halves").wait() == 0
    assert not checkpoint.exists()
    files = [tmp_path / out / "light/resnet.safetensors" for out in ("whole", "halves")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_other_settings_do_not_go_on_silently(pictures, tmp_path):
    data = Packed(torch.zeros(8, 3, 32, 32, dtype=torch.uint8), torch.arange(8) % 2, ["a", "b"])
    model = new_model("small/shufflenet", data.classes, size=32)
    fit(model, data, recipe=TrainingRecipe(epochs=1, batch_size=4), checkpoint=tmp_path / "c")
    with pytest.raises(InputError, match="delete the file"):
        fit(model, data, recipe=TrainingRecipe(epochs=1, batch_size=8), checkpoint=tmp_path / "c")


def test_a_card_carries_all_that_loading_needs(tmp_path):
    model = new_model("resnet18", ["yes", "no", "maybe"], size=64)
    file = save_model(model, tmp_path / "odd@name.safetensors", "resnet18", task="mood")
    again = load_model(str(file))
    assert (again.classes, again.size, read_card(file)["task"]) == (model.classes, 64, "mood")
    assert torch.allclose(again.mean, model.mean) and torch.allclose(again.std, model.std)
    x = torch.rand(2, 3, 70, 90)
    assert torch.allclose(again(x), model(x), atol=0.02)


def test_a_card_that_is_missing_or_broken(tmp_path):
    file = save_model(new_model("small/resnet", ["a", "b"]), tmp_path / "m.safetensors", "small/resnet")
    card = file.with_suffix(".json")
    card.write_text(json.dumps({"architecture": "small/resnet"}))
    with pytest.raises(InputError, match="names architecture"):
        load_model(str(file))
    card.write_text("{")
    with pytest.raises(InputError, match="not a card"):
        load_model(str(file))
    card.unlink()
    with pytest.raises(InputError, match="has no card"):
        load_model(str(file))


@pytest.mark.slow
def test_early_stop_keeps_the_best():
    """Every validation label contradicts what was learned, so accuracy falls as training goes on."""
    x = torch.arange(32).view(32, 1, 1, 1).expand(32, 3, 32, 32).remainder(2).mul(255).byte()
    data, valid = (Packed(x, labels, ["a", "b"]) for labels in (torch.arange(32) % 2, 1 - torch.arange(32) % 2))
    start = new_model("small/shufflenet", ["a", "b"], size=32)
    recipe = TrainingRecipe(epochs=12, patience=2, batch_size=4, noise255=0)
    model, metrics = fit(start, data, valid, recipe)
    best = max(range(len(metrics)), key=lambda i: (metrics.valid[i], i))
    assert metrics.valid.iloc[-1] < metrics.valid.max()
    assert len(metrics) == best + 1 + 2 < 12
    assert accuracy(model, valid) == metrics.valid.max()
    _, patient = fit(start, data, valid, replace(recipe, patience=0))
    assert len(patient) == 12 and patient.loss[: len(metrics)].equals(metrics.loss)


def test_one_cycle_is_adamw_with_the_schedule_of_torch():
    rng = torch.Generator().manual_seed(0)
    batches, wanted = torch.randn(20, 16, 4, generator=rng) * 9, torch.randn(4, generator=rng)
    ours, theirs = (torch.ones(4, requires_grad=True) for _ in range(2))
    losses = one_cycle([ours], batches, lambda b: (b @ ours - b @ wanted).square().mean(), 0.1, 20, 0.2, clip=1.0)
    optimizer = torch.optim.AdamW([theirs], 0.1, weight_decay=0.2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, 20)
    for b, found in zip(batches, losses, strict=True):
        loss = (b @ theirs - b @ wanted).square().mean()
        assert loss.item() == pytest.approx(found, rel=1e-4)
        theirs.grad = None
        loss.backward()
        theirs.grad *= min(1.0, 1.0 / (theirs.grad.norm().item() + 1e-6))
        optimizer.step()
        schedule.step()
    assert torch.allclose(ours, theirs, atol=1e-4) and losses[-1] < losses[0]


@pytest.mark.parametrize("shift", [0, 2])
def test_augmenting_stays_in_range_and_leaves_its_input(shift):
    x = torch.rand(4, 3, 20, 30)
    before, how = x.clone(), TrainingRecipe(noise255=64, noise_probability=1.0, shift=shift, flip=0.5)
    out = augment(x, how, torch.Generator().manual_seed(0))
    assert out.shape == x.shape and 0 <= out.min() and out.max() <= 1 and x.equal(before)


def test_the_zoo_is_whole():
    table = zoo()
    tasks = ("identity", "emotion", "glasses")
    assert set(table.model) == {f"faces/{t}/{name.rpartition('/')[2]}" for t in tasks for name in SMALL}
    assert table.weights.max() < 400_000
    for name in table.model:
        model, card = load_model(name), read_card(name)
        assert set(card["recipe"]) == {f.name for f in fields(TrainingRecipe)}
        assert set(card["accuracy"]) == {"test", "test_noise"}
        assert card["data"]["contrast"] == ZOO_CONTRAST
        assert card["licence"] and card["data"]["name"] == "faces" and "seed" in card["data"]
        assert suggest_layer(model) and len(model.classes) == len(card["classes"])


def test_a_network_of_its_own_data_set_is_not_trained_twice(pictures, tmp_path):
    how = dict(out=tmp_path, epochs=1, size=32, batch_size=16, progress=False)
    first = train("folder", pictures, "light", ["small/shufflenet"], **how)
    changed = Path(first.file[0]).stat().st_mtime_ns
    assert train("folder", pictures, "light", "small/shufflenet", **how).equals(first)
    assert Path(first.file[0]).stat().st_mtime_ns == changed


@pytest.mark.slow
def test_a_network_of_the_zoo_begins_another_task(tmp_path):
    given = load_model("faces/identity/resnet").net.state_dict()
    model = new_model("faces/identity/resnet", ["a", "b"], pretrained=True)
    fresh = [name for name, value in model.net.state_dict().items() if not torch.equal(value, given[name])]
    assert fresh == ["fc.weight", "fc.bias"]
    how = dict(task="glasses", out=tmp_path, epochs=1, images=12, pretrained=True)
    table = train("faces", models="faces/identity/resnet", **how)
    assert read_card(table.file[0])["architecture"] == "small/resnet"
    assert load_model(table.file[0]).classes == read_card("faces/glasses/resnet")["classes"]
