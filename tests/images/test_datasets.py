"""Data sets in the layouts they are handed out in, generated small."""
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from fmd_nb.images.datasets import PhotoDataset, image_folder, labels_for, read_labels, sample_photos, split_table
from fmd_nb.images.published import affectnet, celeba_hq, imagenet, nips2017
from fmd_nb.support.errors import InputError


def picture(path, value=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), (value, 100, 50)).save(path)


@pytest.fixture
def celeba(tmp_path):
    """Eight portraits of three people; the images' numbers are not in CelebA's order."""
    who = [7, 12, 7, 12, 7, 12, 7, 3]
    originals = [f"{1000 - 10 * i:06d}.jpg" for i in range(8)]
    for i in range(8):
        picture(tmp_path / f"CelebA-HQ-img/{i}.jpg", 30 * i)
    lines = [f"{i}        {int(o[:6]) - 1}     {o}" for i, o in enumerate(originals)]
    lines = ["idx      orig_idx   orig_file", *lines]
    (tmp_path / "CelebA-HQ-to-CelebA-mapping.txt").write_text("\n".join(lines) + "\n")
    rows = [f"{o} {w}" for o, w in zip(originals, who, strict=True)]
    (tmp_path / "identity_CelebA.txt").write_text("\n".join(sorted(rows)) + "\n")
    signs = [f"{o}  {1 if i % 2 else -1} -1" for i, o in enumerate(originals)]
    (tmp_path / "list_attr_celeba.txt").write_text("\n".join(["8", "Eyeglasses Young ", *sorted(signs)]) + "\n")
    return tmp_path


def test_celeba_hq_joins_three_files(celeba):
    table = celeba_hq(celeba, least=3)
    assert [f.name for f in table.file] == [f"{i}.jpg" for i in range(7)]  # person 3 has one photo
    assert table.name.tolist() == ["7", "12"] * 3 + ["7"]
    assert table.label.tolist() == [0, 1] * 3 + [0]  # by the person's number, not by the order of the photos


def test_celeba_hq_attributes_by_the_original_photo(celeba):
    assert celeba_hq(celeba, "Eyeglasses").label.tolist() == [0, 1] * 4
    assert celeba_hq(celeba, "Young").name.tolist() == ["no Young"] * 8


def test_celeba_hq_attributes_by_the_new_number_win(celeba):
    lines = ["8", "Eyeglasses Young", *(f"{i}.jpg  1  -1" for i in range(8))]
    (celeba / "CelebAMask-HQ-attribute-anno.txt").write_text("\n".join(lines))
    assert celeba_hq(celeba, "Eyeglasses").label.tolist() == [1] * 8


@pytest.mark.parametrize("gone", ["identity_CelebA.txt", "CelebA-HQ-to-CelebA-mapping.txt"])
def test_celeba_hq_names_the_missing_file(celeba, gone):
    (celeba / gone).unlink()
    with pytest.raises(InputError, match=gone):
        celeba_hq(celeba, least=1)


def test_affectnet_arrays(tmp_path):
    for part, n in (("train_set", 9), ("val_set", 2)):
        (tmp_path / part / "annotations").mkdir(parents=True)
        for i in range(n):
            picture(tmp_path / part / f"images/{i}.jpg")
            for kind, value in (("exp", str(i)), ("val", "0.5"), ("aro", "-0.25"), ("lnd", np.zeros(136))):
                np.save(tmp_path / part / f"annotations/{i}_{kind}.npy", np.array(value))
    assert affectnet(tmp_path).name.tolist()[:3] == ["neutral", "happy", "sad"]
    assert len(affectnet(tmp_path)) == 8  # emotion 8 is none
    assert affectnet(tmp_path, "valid").valence.tolist() == [0.5, 0.5]
    (tmp_path / "val_set/annotations/1_exp.npy").unlink()
    with pytest.raises(InputError, match="1_exp.npy"):
        affectnet(tmp_path, "valid")


@pytest.mark.parametrize("header", [True, False])
def test_affectnet_lists_with_and_without_their_first_line(tmp_path, header):
    first = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
    rows = [f"{i}/a.jpg,1,2,3,4,1;2,{e},0.1,0.2" for i, e in enumerate((6, 9, 0, 5))]
    for i in range(3):  # the fourth photo is not there
        picture(tmp_path / f"Manually_Annotated_Images/{i}/a.jpg")
    (tmp_path / "Manually_Annotated_file_lists").mkdir()
    (tmp_path / "Manually_Annotated_file_lists/training.csv").write_text("\n".join([first] * header + rows))
    table = affectnet(tmp_path)
    assert table.name.tolist() == ["anger", "neutral"]
    assert list(table.columns) == ["file", "label", "name", "valence", "arousal"]


def test_imagenet_keeps_the_labels_of_the_whole(tmp_path):
    picture(tmp_path / "n02123045/a.JPEG")
    picture(tmp_path / "other/a.JPEG")
    table = imagenet(tmp_path)
    assert (table.label.tolist(), table.name.tolist()) == ([281], ["tabby"])
    assert sorted(image_folder(tmp_path).label) == [0, 1]


@pytest.mark.parametrize("reader", [celeba_hq, affectnet, imagenet, nips2017, image_folder])
def test_a_wrong_root_says_what_was_expected(reader, tmp_path):
    with pytest.raises(InputError, match="expected"):
        reader(tmp_path / "nowhere")
    with pytest.raises(InputError, match="expected"):
        reader(tmp_path)


def test_photos_of_a_table(tmp_path):
    picture(tmp_path / "a/1.png", 200)
    picture(tmp_path / "b/2.png", 10)
    data = PhotoDataset(image_folder(tmp_path), size=5)
    x, y = data[1]
    assert (tuple(x.shape), x.dtype, y, data.classes) == ((3, 5, 5), torch.float32, 1, ["a", "b"])
    assert abs(x[0].mean().item() * 255 - 10) < 0.1


def test_a_data_set_can_be_iterated_and_ends(tmp_path):
    for name in ("a/1.png", "a/2.png", "b/3.png"):
        picture(tmp_path / name)
    assert [y for _, y in PhotoDataset(image_folder(tmp_path), size=2)] == [0, 0, 1]


def test_labels_count_from_zero_whatever_the_file_counts_from(tmp_path):
    (tmp_path / "nips.csv").write_text("ImageId,TrueLabel\ncat,1\ncup,1000\n")
    (tmp_path / "ours.csv").write_text("file,label\ncup.jpg,999\ncat.jpg,tench\n")
    files = [tmp_path / "cat.png", tmp_path / "cup.png"]
    assert labels_for(files, read_labels(tmp_path / "nips.csv")) == [0, 999]
    assert labels_for(files, read_labels(tmp_path / "ours.csv")) == [0, 999]


@pytest.mark.slow
def test_sample_photos_import_neither_package_that_carries_them():
    code = ("import sys; from fmd_nb.images.datasets import sample_photos; "
            "print(len(sample_photos()), {'skimage', 'foolbox'} & set(sys.modules))")
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split(maxsplit=1) == [str(len(sample_photos())), "set()\n"]


@pytest.mark.parametrize("seed", range(3))
def test_parts_share_no_photo_and_keep_proportions(seed):
    table = pd.DataFrame({"file": range(400), "label": [0] * 300 + [1] * 100, "name": "x"})
    parts = split_table(table, 0.1, 0.2, seed)
    assert sorted(f for p in parts.values() for f in p.file) == list(range(400))
    for name, share in (("train", 0.7), ("valid", 0.1), ("test", 0.2)):
        counts = parts[name].label.value_counts()
        assert abs(counts[0] - 300 * share) <= 1 and abs(counts[1] - 100 * share) <= 1
