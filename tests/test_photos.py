"""On real photos, where they are at hand: the effect, beside noise of the same budget."""
import torch

from fmd_nb import FMD, evaluate, load_model, read, save
from fmd_nb.published import nips2017
from fmd_nb.images import linf255, to_8bit
from fmd_nb.classifier import predict_logits
from fmd_nb.models import OFFLINE


def test_protection_beats_noise_of_the_same_budget(photos, tmp_path):
    models = [load_model(name) for name in OFFLINE]
    table = nips2017(photos)[:24]
    xs, y = torch.stack([read(f) for f in table.file]), torch.tensor(table.label.tolist())
    right = torch.stack([predict_logits(m, xs).argmax(1) == y for m in models]).all(0)
    xs, y = xs[right], y[right]
    noise = to_8bit(xs + (torch.rand(xs.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1) * 16 / 255)
    result = FMD.preset("strong", models[0]).run(xs, y)
    saved = [read(save(x, tmp_path / f"{i}.png")) for i, x in enumerate(result.x_star)]
    assert max(linf255(a, b) for a, b in zip(saved, xs, strict=True)) <= 16
    by_noise, by_fmd = (evaluate(xs, stars, models[0], models[1:], y) for stars in (noise, saved))
    assert by_fmd.protected[0] == 1
    assert by_fmd.protected[1:].mean() < 0.2 < 0.7 < by_noise.protected[1:].mean()
