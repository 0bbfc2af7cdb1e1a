"""Adversaries: what countermeasures give, and what those learn that learn."""
import pytest
import torch

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
from fmd_nb.models.classifier import predict_logits
from fmd_nb.models.loading import load_model
from fmd_nb.support.errors import InputError
from tests.support.pictures import smooth


@pytest.mark.parametrize("name", COUNTERMEASURES)
def test_countermeasures_give_images_of_a_file(name):
    x = smooth(1)[0]
    kept = x.clone()
    seen = COUNTERMEASURES[name](x)
    assert torch.equal(x, kept) and torch.equal(seen, to_8bit(seen)) and seen.shape[0] == 3
    assert (name == "none") == (seen.shape == x.shape and torch.equal(seen, x))
    assert crop(x, 1).equal(x)



def test_a_purifier_takes_off_what_is_always_added(tiny):
    x = smooth(6)
    protected = to_8bit((x + 12 / 255).clamp(0, 1))
    assert torch.equal(Purifier(4).clean(x[0]), x[0])
    purifier, losses = train_purifier(x[:5], protected[:5], steps=60, batch=4, side=16, width=8, guide=tiny)
    assert losses[-1] < losses[0] / 2
    assert (purifier.clean(protected[5]) - x[5]).abs().mean() < (protected[5] - x[5]).abs().mean() / 2



def test_fine_tuning_leaves_the_victim_alone(tiny):
    x, y, before = smooth(6), torch.arange(6), tiny.weights_hash
    tuned = fine_tune(tiny, x, y, epochs=30, lr=0.02)
    assert tiny.weights_hash == before != tuned.weights_hash
    after, before = ((predict_logits(m, x).argmax(1) == y).float().mean() for m in (tuned, tiny))
    assert after > before
    with pytest.raises(InputError, match="no weights"):
        fine_tune(tiny, x, y, parts=["nowhere"])



def test_the_recovery_rate_is_relative_to_the_original_after_the_same_countermeasure():
    """Two of four bright images become dark: half of the accuracy is lost, and only undoing it recovers."""
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3, 2))
    model = load_model(net, mean=[0.5] * 3, std=[1] * 3, size=1, classes=["dark", "bright"], name="brightness")
    model.net[1].weight.copy_(torch.tensor([[-1.0] * 3, [1.0] * 3])), model.net[1].bias.zero_()
    victim = load_model(model.net, mean=[0.5] * 3, std=[1] * 3, size=1, classes=model.classes, name="its victim")
    bright, dark = to_8bit(torch.full((3, 16, 16), 0.8)), to_8bit(torch.full((3, 16, 16), 0.2))
    counters = {"ruin": lambda x: dark, "none": COUNTERMEASURES["none"], "undo": lambda x: bright}
    table = evaluate_countermeasures([bright] * 4, [bright, bright, dark, dark], [1] * 4, model, victim, counters)
    assert table.protected.tolist() == [0, 0, 0.5, 0.5, 1, 1]
    assert table.recovery_rate.tolist()[2:] == [0.5, 0.5, 1, 1] and table.recovery_rate[:2].isna().all()
    both = summary(table)
    assert both.columns.tolist() == ["countermeasure", "group", "authorized", "unauthorized", "recovery_rate"]
    assert both.countermeasure.tolist() == ["undo", "none", "ruin"] and both.authorized.tolist() == [1, 0.5, 0]
