"""Names and shapes that strangers bring; tests/fuzz tries many more."""
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fmd_nb.folders import photos
from fmd_nb.folders.manifest import _escaped, _plain
from fmd_nb.support.errors import InputError, printable


@given(st.text(st.characters(codec=None), max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_name_survives_the_manifest_and_a_spreadsheet(name):
    cell = _escaped(name)
    assert _plain(cell) == name and cell.isprintable()
    cell.encode("utf-8")
    try:
        float(cell)  # a number, such as -0.5
    except ValueError:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert printable(name).isprintable()



def test_strips_are_refused(tmp_path):
    Image.new("RGB", (2500, 10)).save(tmp_path / "strip.png")
    photo = SimpleNamespace(task=SimpleNamespace(source=tmp_path / "strip.png"))
    with pytest.raises(InputError, match="2500 × 10 pixels; a side may be 20 times the other"):
        photos._decode(SimpleNamespace(max_side=None), photo, (tmp_path / "strip.png").read_bytes())



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
    keys = [photos.Task(Path("in"), "", Path("out"), name).key for name in ("sub/猫.png", "caf\udce9.png")]
    assert keys == [zlib.crc32("猫.png".encode()), zlib.crc32(b"caf\xe9.png")]
