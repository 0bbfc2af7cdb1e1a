"""Detectors: objects are counted once, and the shipped one finds faces."""
import torch

from fmd_nb.faces.scenes import SceneDataset
from fmd_nb.limits.detection import detect, detection, load_detector, match
from tests.support.paths import ROOT


def test_each_object_is_found_once():
    box = torch.tensor([[0.0, 0, 10, 10], [20, 0, 30, 10]])
    truth = {"boxes": box, "labels": torch.tensor([1, 1])}
    found = {"boxes": box[[0, 0, 1]], "labels": torch.tensor([1, 1, 2])}
    right, taken = match(found, truth)
    assert right.tolist() == [True, False, False] and taken.tolist() == [True, False]
    none = {"boxes": box[:0], "labels": torch.tensor([], dtype=torch.int64)}
    assert match(none, truth)[1].sum() == match(truth, none)[0].sum() == 0



def test_the_shipped_detector_finds_faces():
    scenes = SceneDataset("valid", 6)
    x, truths = zip(*(scenes[k] for k in range(6)), strict=True)
    detector = load_detector()
    grey = [torch.full_like(im, 0.5) for im in x]
    table = detection([detector], x, {"grey": grey}, truths)
    assert table.map_50[0] > 0.9 and table.found[1] == 0
    assert [len(one["boxes"]) for one in detect(detector, x[:2], batch_size=1)] == [
        len(one["boxes"]) for one in detect(detector, x[:2])]
    file = ROOT / "data/detector.safetensors"
    assert file.stat().st_size < 1.5e6
