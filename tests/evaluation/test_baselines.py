"""Baselines: what must hold for any image and any network."""
import copy

import pytest
import torch

from fmd_nb.evaluation.baselines import BASELINES, OURS, PRESERVING, Attack, compare, noise, run_attack
from fmd_nb.images.budget import linf255
from fmd_nb.images.files import to_8bit
from fmd_nb.method.ascent import Schedule, ascend, keep_latest
from fmd_nb.method.terms import Misclassify, Preserve
from fmd_nb.models.classifier import predict_logits
from fmd_nb.support.errors import InputError
from tests.support.pictures import smooth


@pytest.mark.parametrize("name", [*BASELINES, *OURS])
def test_every_method_holds_the_budget_and_the_grid(tiny, name):
    x = smooth(2)
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
    x = smooth(4)
    y = predict_logits(tiny, x).argmax(1)
    away, towards = (next(ascend(x, y, [term], schedule=Schedule(8, alpha=None, keep=keep_latest))).best
                     for term in (Misclassify(tiny), Preserve(tiny)))
    sure = [predict_logits(tiny, s).softmax(1).gather(1, y[:, None]).mean() for s in (away, x, towards)]
    assert sure[0] < sure[1] < sure[2]


def test_momentum_without_random_start_is_mifgsm(tiny):
    torchattacks = pytest.importorskip("torchattacks")
    x = smooth(2)
    y = predict_logits(tiny, x).argmax(1)
    ours = run_attack(tiny, x, y, steps=5, attack=Attack(momentum=1.0, random_start=False, precision="float32"))
    theirs = torchattacks.MIFGSM(tiny, eps=16 / 255, alpha=4 / 255, steps=5)(x, y)
    assert (to_8bit(theirs) == ours).float().mean() > 0.99



def test_a_photo_does_not_depend_on_its_neighbours(tiny):
    x = smooth(3)
    y = predict_logits(tiny, x).argmax(1).tolist()
    names, victim = ["noise", "DI + preservation"], copy.copy(tiny)
    victim.name = "the same as a victim"
    alone, together = compare(x[:1], y[:1], tiny, victim, names, steps=2), compare(x, y, tiny, victim, names, steps=2)
    assert alone.linf255.max() <= 16 and together.n.unique().tolist() == [3]
    assert alone.passes.tolist() == together.passes.tolist()
    assert not torch.equal(noise(x[:1], seed=0), noise(x[:1], seed=1))
    with pytest.raises(InputError, match="unknown method"):
        compare(x, y, tiny, victim, ["DI+"])
