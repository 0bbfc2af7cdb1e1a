"""Bytes that are no image."""
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmd_nb.images.files import read
from fmd_nb.support.errors import InputError


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_are_no_image(tmp_path, data):
    file = tmp_path / "x.png"
    file.write_bytes(data)
    try:
        assert read(file).shape[0] == 3
    except InputError as e:
        assert str(e).isprintable()
