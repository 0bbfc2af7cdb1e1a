"""What holds for every image, budget and seed."""
import warnings

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from fmd_nb import FMD, load_model
from fmd_nb.images.budget import linf255
from fmd_nb.images.files import to_8bit
from fmd_nb.method.edits import JPEG
from fmd_nb.method.views import BlockShuffle, Coarsest, Compose, DownUp, OneOf
from tests.support.pictures import noise_image as image

warnings.filterwarnings("ignore", message=".*could not be protected.*")
sizes = st.tuples(st.integers(8, 33), st.integers(8, 33))
seeds = st.integers(0, 2**32)
budgets = st.one_of(st.integers(0, 64), st.floats(0, 64)).map(lambda v: v / 255)


@given(seeds, sizes, budgets, st.integers(1, 4), st.sampled_from(["sign", "raw"]), st.floats(0, 1), st.booleans())
def test_budget_range_purity_and_seed(tiny, seed, size, eps, steps, rule, momentum, random_start):
    x = image(seed, size)[None]
    before = x.clone()
    attack = FMD(tiny, eps=eps, steps=steps, step_rule=rule, momentum=momentum, random_start=random_start, seed=seed)
    result = attack.run(x)
    assert torch.equal(x, before)
    assert linf255(result.x_star[0], x[0]) <= eps * 255 + 1e-3
    assert torch.equal(result.x_star, to_8bit(result.x_star))
    assert torch.equal(result.x_star, attack.run(x).x_star)
    if result.ok.all():
        assert tiny(result.x_star).argmax(1).item() == result.y.item()
    else:
        assert torch.equal(result.x_star, x)


@given(seeds, sizes)
def test_no_budget_is_the_identity(tiny, seed, size):
    x = image(seed, size)[None]
    assert torch.equal(FMD(tiny, eps=0.0, steps=2)(x), x)


TRANSFORMS = (OneOf((BlockShuffle(), Compose((JPEG(), DownUp())))), Coarsest(times=1.0))


@given(seeds, st.integers(2, 5), st.integers(1, 5), st.sampled_from(TRANSFORMS))
def test_the_batch_does_not_matter(tiny, seed, count, batch_size, transform):
    xs = torch.stack([image(seed + i, (16, 16)) for i in range(count)])
    options = dict(steps=2, precision="float32", view=transform, momentum=1.0, misclassification_weight=1.0)
    whole = FMD(tiny, batch_size=count, **options).run(xs, snapshots=[0])
    parts = FMD(tiny, batch_size=batch_size, **options).run(xs, snapshots=[0])
    assert all(torch.equal(a, b) for a, b in zip(whole.snapshots[0], parts.snapshots[0], strict=True))
    for a, b in zip(whole.x_star, parts.x_star, strict=True):
        assert ((a - b).abs() > 0).float().mean() < 0.02  # sums in another order may tip a sign


def test_several_sizes_come_back_as_they_were(tiny):
    xs = [image(i, size) for i, size in enumerate([(16, 20), (9, 9), (16, 20)])]
    result = FMD.preset("strong", tiny, steps=3).run(xs)
    assert [s.shape for s in result.x_star] == [x.shape for x in xs]
    alone = FMD.preset("strong", tiny, steps=3).run(xs[1:2], indices=[1])
    assert torch.equal(alone.x_star[0], result.x_star[1])


def test_authorized_models_may_have_classes_of_their_own(tiny):
    torch.manual_seed(1)
    halves = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 2))
    other = load_model(halves, mean=[0.5] * 3, std=[0.25] * 3, size=16, classes=["a", "b"], name="two classes")
    xs = torch.stack([image(i, (16, 16)) for i in range(4)])
    assert tiny(xs).argmax(1).max() > 1, "every label is a class of the second model, too"
    result = FMD.paper([tiny, other], steps=3).run(xs)
    for model in (tiny, other):
        kept = model(result.x_star).argmax(1) == model(xs).argmax(1)
        assert kept[result.ok].all() and result.ok.any()


def test_patience_lets_finished_images_leave(tiny):
    xs = torch.stack([image(i, (16, 16)) for i in range(6)])
    result = FMD.preset("strong", tiny, steps=12, patience=1, eps=0.5).run(xs)
    steps = result.history.groupby("image").step.max()
    assert len(steps) == 6 and steps.min() < 12
    assert (result.best_step.numpy() <= steps.to_numpy()).all()


def test_low_precision_is_checked_in_float32(tiny):
    xs = torch.stack([image(i, (16, 16)) for i in range(4)])
    for preset in ("paper", "strong", "robust"):
        result = FMD.preset(preset, tiny, steps=4, precision="bfloat16").run(xs)
        right = tiny(result.x_star).argmax(1) == result.y
        assert (right | ~result.ok).all()
