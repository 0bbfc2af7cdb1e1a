"""Baselines, adversaries and other tasks: what must hold for any image and any network."""
from pathlib import Path

import pytest
import torch

from fmd_nb.evaluation.baselines import BASELINES, OURS, PRESERVING, compare, noise, optimize
from fmd_nb.images.budget import linf255
from fmd_nb.images.files import to_8bit
from fmd_nb.limits.adversaries import (
    COUNTERMEASURES,
    Purifier,
    crop,
    evaluate_countermeasures,
    fine_tune,
    summary,
    train_purifier,
)
from fmd_nb.limits.detection import detect, detection, load_detector, match
from fmd_nb.limits.other_tasks import cross_task
from fmd_nb.models.classifier import predict_logits
from fmd_nb.models.loading import load_model
from fmd_nb.support.errors import InputError


def images(n: int, h: int = 24, w: int = 30) -> torch.Tensor:
    """Smooth random images."""
    small = torch.rand(n, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    return to_8bit(torch.nn.functional.interpolate(small, (h, w), mode="bicubic").clamp(0, 1))


@pytest.mark.parametrize("name", [*BASELINES, *OURS])
def test_every_method_holds_the_budget_and_the_grid(tiny, name):
    x = images(2)
    kept, y = x.clone(), predict_logits(tiny, x).argmax(1)
    x_star = (BASELINES | OURS)[name](tiny, x, y, 8 / 255, 3, 0)
    assert torch.equal(x, kept) and torch.equal(x_star, to_8bit(x_star)) and x_star.shape == x.shape
    assert max(linf255(a, b) for a, b in zip(x, x_star, strict=True)) <= 8
    assert not any(torch.equal(a, b) for a, b in zip(x, x_star, strict=True))  # returning the input is no attack
    assert torch.equal(x_star, (BASELINES | OURS)[name](tiny, x, y, 8 / 255, 3, 0))
    if name in PRESERVING:
        assert torch.equal(predict_logits(tiny, x_star).argmax(1), y)
    if name != "noise":  # nor is random noise of the same budget
        moved, by_noise = ((predict_logits(tiny, s) - predict_logits(tiny, x)).norm()
                           for s in (x_star, noise(x, 8 / 255)))
        assert moved > 2 * by_noise


def test_a_run_raises_its_gain_and_preservation_lowers_the_loss(tiny):
    x = images(4)
    y = predict_logits(tiny, x).argmax(1)
    sure = [predict_logits(tiny, s).softmax(1).gather(1, y[:, None]).mean() for s in
            (optimize(tiny, x, y, steps=8), x, optimize(tiny, x, y, steps=8, lam=20.0, margin=100.0))]
    assert sure[0] < sure[1] < sure[2]


def test_momentum_without_random_start_is_mifgsm(tiny):
    torchattacks = pytest.importorskip("torchattacks")
    x = images(2)
    y = predict_logits(tiny, x).argmax(1)
    ours = optimize(tiny, x, y, steps=5, momentum=1.0, random_start=False, precision="float32")
    theirs = torchattacks.MIFGSM(tiny, eps=16 / 255, alpha=4 / 255, steps=5)(x, y)
    assert (to_8bit(theirs) == ours).float().mean() > 0.99


def test_a_photo_does_not_depend_on_its_neighbours(tiny):
    x = images(3)
    y = predict_logits(tiny, x).argmax(1).tolist()
    names = ["noise", "DI + preservation"]
    alone, together = compare(x[:1], y[:1], tiny, tiny, names, steps=2), compare(x, y, tiny, tiny, names, steps=2)
    assert alone.linf255.max() <= 16 and together.n.unique().tolist() == [3]
    assert alone.passes.tolist() == together.passes.tolist()
    assert not torch.equal(noise(x[:1], seed=0), noise(x[:1], seed=1))
    with pytest.raises(InputError, match="unknown method"):
        compare(x, y, tiny, tiny, ["DI+"])


@pytest.mark.parametrize("name", COUNTERMEASURES)
def test_countermeasures_give_images_of_a_file(name):
    x = images(1)[0]
    kept = x.clone()
    seen = COUNTERMEASURES[name](x)
    assert torch.equal(x, kept) and torch.equal(seen, to_8bit(seen)) and seen.shape[0] == 3
    assert (name == "none") == (seen.shape == x.shape and torch.equal(seen, x))
    assert crop(x, 1).equal(x)


def test_a_purifier_takes_off_what_is_always_added(tiny):
    x = images(6)
    protected = to_8bit((x + 12 / 255).clamp(0, 1))
    assert torch.equal(Purifier(4).clean(x[0]), x[0])
    purifier, losses = train_purifier(x[:5], protected[:5], steps=60, batch=4, side=16, width=8, guide=tiny)
    assert losses[-1] < losses[0] / 2
    assert (purifier.clean(protected[5]) - x[5]).abs().mean() < (protected[5] - x[5]).abs().mean() / 2


def test_fine_tuning_leaves_the_victim_alone(tiny):
    x, y, before = images(6), torch.arange(6), tiny.weights_hash
    tuned = fine_tune(tiny, x, y, epochs=30, lr=0.02)
    assert tiny.weights_hash == before != tuned.weights_hash
    after, before = ((predict_logits(m, x).argmax(1) == y).float().mean() for m in (tuned, tiny))
    assert after > before
    with pytest.raises(InputError, match="no weights"):
        fine_tune(tiny, x, y, parts=["nowhere"])


def test_the_recovery_rate_is_relative_to_the_same_change_of_the_original():
    """Two of four bright images become dark: half of the accuracy is lost, and only undoing it recovers."""
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3, 2))
    model = load_model(net, mean=[0.5] * 3, std=[1] * 3, size=1, classes=["dark", "bright"], name="brightness")
    model.net[1].weight.copy_(torch.tensor([[-1.0] * 3, [1.0] * 3])), model.net[1].bias.zero_()
    bright, dark = to_8bit(torch.full((3, 16, 16), 0.8)), to_8bit(torch.full((3, 16, 16), 0.2))
    counters = {"ruin": lambda x: dark, "none": COUNTERMEASURES["none"], "undo": lambda x: bright}
    table = evaluate_countermeasures([bright] * 4, [bright, bright, dark, dark], [1] * 4, model, model, counters)
    assert table.protected.tolist() == [0, 0, 0.5, 0.5, 1, 1]
    assert table.recovery_rate.tolist()[2:] == [0.5, 0.5, 1, 1] and table.recovery_rate[:2].isna().all()
    both = summary(table)
    assert both.columns.tolist() == ["countermeasure", "authorized", "unauthorized", "recovery_rate"]
    assert both.countermeasure.tolist() == ["undo", "none", "ruin"] and both.authorized.tolist() == [1, 0.5, 0]


def test_each_object_is_found_once():
    box = torch.tensor([[0.0, 0, 10, 10], [20, 0, 30, 10]])
    truth = {"boxes": box, "labels": torch.tensor([1, 1])}
    found = {"boxes": box[[0, 0, 1]], "labels": torch.tensor([1, 1, 2])}
    right, taken = match(found, truth)
    assert right.tolist() == [True, False, False] and taken.tolist() == [True, False]
    none = {"boxes": box[:0], "labels": torch.tensor([], dtype=torch.int64)}
    assert match(none, truth)[1].sum() == match(truth, none)[0].sum() == 0


def test_the_shipped_detector_finds_faces():
    from fmd_nb.faces.scenes import SceneDataset

    scenes = SceneDataset("valid", 6)
    x, truths = zip(*(scenes[k] for k in range(6)), strict=True)
    detector = load_detector()
    grey = [torch.full_like(im, 0.5) for im in x]
    table = detection([detector], x, {"grey": grey}, truths)
    assert table.map_50[0] > 0.9 and table.found[1] == 0
    assert [len(one["boxes"]) for one in detect(detector, x[:2], batch_size=1)] == [
        len(one["boxes"]) for one in detect(detector, x[:2])]
    file = Path(__file__).parent.parent / "data/detector.safetensors"
    assert file.stat().st_size < 1.5e6


def test_other_tasks(tiny):
    x = images(4)
    y = predict_logits(tiny, x).argmax(1).tolist()
    table = cross_task(x, {"letters": x, "other": x}, {"letters": [tiny]}, {"letters": y}, authorized=["tiny"])
    assert table.protected.tolist() == [1, 1] and table.role.tolist() == ["authorized", "unauthorized"]
    with pytest.raises(InputError, match="no labels for letters"):
        cross_task(x, {"letters": x}, {"letters": [tiny]}, {"age": y})
