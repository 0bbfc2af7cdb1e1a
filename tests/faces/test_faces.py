"""What holds for every face: person, emotion, seed and size."""
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fmd_nb.faces.scenes import SceneDataset, scene
from fmd_nb.faces.synthetic import FacesDataset, face
from fmd_nb.faces.traits import EMOTIONS, IDENTITIES

people, seeds, emotions = st.integers(0, 60), st.integers(0, 2**62), st.sampled_from(EMOTIONS)
light = settings(max_examples=20, deadline=None)


@light
@given(people, emotions, seeds, st.integers(64, 128))
def test_a_face_is_an_8bit_picture_with_its_labels_inside(who, emotion, seed, size):
    f = face(who, emotion, seed, size)
    assert f.image.shape == (3, size, size) and f.image.dtype == torch.float32
    assert torch.equal((f.image * 255).round() / 255, f.image) and 0 <= f.image.min() and f.image.max() <= 1
    assert f.box.min() >= 0 and f.box.max() <= size
    assert (f.landmarks >= f.box[:2]).all() and (f.landmarks <= f.box[2:]).all()
    assert torch.equal(f.image, face(who, emotion, seed, size).image)


@pytest.mark.parametrize("args, means", [
    ((0, "sad", 1, 64, True), (153.37, 141.80, 130.00)),
    ((3, "anger", 2, 96, False), (156.49, 151.21, 126.28)),
    ((9, "surprise", 3, 128, True), (177.72, 159.99, 145.56)),
    ((25, "contempt", 4, 96, None), (130.51, 126.14, 101.77)),
])
def test_pixels_are_those_the_networks_were_trained_on(args, means):
    found = face(*args).image.mean((1, 2)) * 255  # red, green, blue
    assert (found - torch.tensor(means)).abs().max() < 0.015


@light
@given(people, st.sampled_from(EMOTIONS[1:]), seeds)
def test_an_emotion_changes_the_face_and_nothing_else(who, emotion, seed):
    calm, felt = face(who, "neutral", seed), face(who, emotion, seed)
    changed = (calm.image != felt.image).any(0)
    rows, columns = changed.nonzero().T
    assert changed.sum() > 50 and calm.attributes == felt.attributes
    assert columns.min() >= calm.box[0] - 6 and columns.max() <= calm.box[2] + 6
    assert rows.min() >= calm.box[1] - 6


@light
@given(st.sampled_from(("train", "valid", "test")), st.integers(1, 200), st.integers(0, 9))
def test_every_class_is_assigned_as_often_as_every_other(split, n, seed):
    table = FacesDataset("identity", split, n, seed=seed).table
    for column, classes in (("identity", IDENTITIES), ("emotion", 8), ("glasses", 2)):
        counts = table[column].value_counts().reindex(table[column].unique())
        assert counts.max() - (counts.min() if len(counts) == classes else 0) <= 1
    assert table.seed.is_unique


def test_splits_and_seeds_share_no_picture():
    tables = [FacesDataset(split=s, n=500, seed=k).table.seed for s in ("train", "valid", "test") for k in (0, 1)]
    assert len(set().union(*tables)) == 3000
    assert not set(SceneDataset("train", 50).seeds) & set(SceneDataset("valid", 50).seeds)


@light
@given(seeds, st.integers(1, 6), st.integers(160, 400))
def test_a_scene_has_its_faces_inside(seed, count, size):
    image, boxes, people = scene(seed, count, size)
    assert image.shape == (3, size, size) and len(boxes) == len(people) == count
    assert (boxes[:, :2] < boxes[:, 2:]).all() and boxes.min() >= 0 and boxes.max() <= size
    assert torch.equal(image, scene(seed, count, size)[0])
