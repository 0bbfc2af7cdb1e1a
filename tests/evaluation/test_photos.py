"""On real photos, where they are at hand: the effect, beside noise of the same budget."""
import pytest
import torch

from fmd_nb import FMD, evaluate, load_model, read
from fmd_nb.evaluation.protocol import select_correct, through_files
from fmd_nb.images.budget import linf255
from fmd_nb.images.files import to_8bit
from fmd_nb.images.published import nips2017
from fmd_nb.models.loading import OFFLINE

pytestmark = pytest.mark.slow


def test_protection_beats_noise_of_the_same_budget(photos):
    models = [load_model(name) for name in OFFLINE]
    table = nips2017(photos)[:16]
    xs, y = torch.stack([read(f) for f in table.file]), torch.tensor(table.label.tolist())
    correct = select_correct(models, xs, y)
    xs, y = xs[correct], y[correct]
    noise = to_8bit(xs + (torch.rand(xs.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1) * 16 / 255)
    result = FMD.preset("strong", models[0]).run(xs, y)
    saved = through_files(result.x_star)
    assert max(linf255(a, b) for a, b in zip(saved, xs, strict=True)) <= 16
    by_noise, by_fmd = (evaluate(xs, stars, models[0], models[1:], y) for stars in (noise, saved))
    assert by_fmd.protected[0] == 1
    assert by_fmd.protected[1:].mean() < 0.2 < 0.7 < by_noise.protected[1:].mean()
