"""Names and shapes that strangers bring; tests/fuzz tries many more."""
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fmd_nb.folders import photos
from fmd_nb.support.errors import InputError, printable
from fmd_nb.support.rows import from_cell, to_cell


@given(st.text(st.characters(codec=None), max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_name_survives_the_manifest_and_a_spreadsheet(name):
    cell = to_cell(name)
    assert from_cell(cell) == name and cell.isprintable()
    cell.encode("utf-8")
    try:
        float(cell)  # a number, such as -0.5
    except ValueError:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert printable(name).isprintable()



def test_strips_are_refused(tmp_path):
    Image.new("RGB", (2500, 10)).save(tmp_path / "strip.png")
    quick = {"surrogates": [], "steps": 1, "progress": False}
    table = photos.protect(tmp_path / "strip.png", tmp_path / "out", "small/resnet", **quick)
    assert not table.ok[0] and "2500 × 10 pixels; a side may be 20 times the other" in table.error[0]



def test_names_that_no_file_can_have_are_refused(tmp_path):
    """Two photos of one name keep their endings in it, which makes it longer."""
    for suffix in ("png", "bmp"):
        Image.new("RGB", (9, 9)).save(tmp_path / f"{'x' * 251}.{suffix}")
    with pytest.raises(InputError, match="too long; rename the photo"):
        photos.plan(tmp_path, tmp_path.parent / "out")
    (tmp_path / f"{'x' * 251}.bmp").unlink()
    assert len(photos.plan(tmp_path, tmp_path.parent / "out")) == 1



def test_draws_go_by_the_name():
    """The same number as ever for a name that is text, and one for a name that is none."""
    keys = [photos.Photo(Path("in"), "", Path("out"), name).index for name in ("sub/猫.png", "caf\udce9.png")]
    assert keys == [zlib.crc32("猫.png".encode()), zlib.crc32(b"caf\xe9.png")]
