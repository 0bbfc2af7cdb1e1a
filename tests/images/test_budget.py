"""The budget on the 8-bit grid."""
from hypothesis import given
from hypothesis import strategies as st

from fmd_nb.images.budget import budget, project
from fmd_nb.images.files import to_8bit
from tests.support.pictures import noise_image as image

sizes = st.tuples(st.integers(8, 33), st.integers(8, 33))
seeds = st.integers(0, 2**32)
budgets = st.one_of(st.integers(0, 64), st.floats(0, 64)).map(lambda v: v / 255)


@given(seeds, sizes, budgets, st.booleans())
def test_projection_holds_on_files(seed, size, eps, grid):
    x, wild = image(seed, size, grid), image(seed + 1, size) * 3 - 1
    low, high = budget(x, eps)
    saved = to_8bit(project(wild, x, eps))
    assert (low <= saved).all() and (saved <= high).all()
    assert 0 <= saved.min() and saved.max() <= 1
    allowed = max(eps, 0.5 / 255 if not grid else 0)
    assert (saved - x).abs().max() <= allowed + 1e-5
