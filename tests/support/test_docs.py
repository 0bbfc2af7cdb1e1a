"""Help shows what the comments beside parameters say."""
import inspect
import pydoc
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

import fmd_nb
from fmd_nb.support.docs import document, parameter_comments

NAMES = [name for name in fmd_nb.__all__ if callable(getattr(fmd_nb, name))]


def parameters(name: str) -> list[str]:
    """The parameters of a public function, of a dataclass, or of a class's constructor."""
    return [p for p in inspect.signature(getattr(fmd_nb, name)).parameters if p != "self"]


@pytest.mark.parametrize("name", NAMES)
def test_help_shows_the_comment_of_each_parameter(name):
    value = getattr(fmd_nb, name)
    plain = inspect.isclass(value) and "__dataclass_fields__" not in vars(value)
    found = parameter_comments(value.__init__ if plain else value)
    shown = " ".join(pydoc.plain(pydoc.render_doc(value)).replace("|", " ").split())
    for parameter in parameters(name):
        assert parameter in found, f"{name}: parameter {parameter} has no comment"
        assert " ".join(f"{parameter}: {found[parameter]}".replace("|", " ").split()) in shown


@dataclass
class Box:
    """A box."""

    width: int  # in pixels,
    # from the left
    height: int = 3  # in pixels


@dataclass
class Chest(Box):
    """A box with a lock."""

    locked: bool = True  # with a key
    height: int = 5  # in pixels, lid included


def test_fields_of_a_dataclass_are_its_parameters():
    assert document(Box).__doc__ == "A box.\n\nParameters:\n    width: in pixels, from the left\n    height: in pixels"
    assert parameter_comments(Chest) == {"width": "in pixels, from the left", "height": "in pixels, lid included",
                                         "locked": "with a key"}


def test_a_second_call_changes_nothing():
    before = fmd_nb.FMD.__doc__, fmd_nb.evaluate.__doc__, fmd_nb.FMD.__call__.__doc__
    document(fmd_nb.FMD), document(fmd_nb.evaluate)
    assert before == (fmd_nb.FMD.__doc__, fmd_nb.evaluate.__doc__, fmd_nb.FMD.__call__.__doc__)
    assert all(doc.count("Parameters:") == 1 for doc in before)


def test_documenting_a_name_is_quick():
    spent = {name: [] for name in NAMES}
    for name in NAMES * 3:
        start = time.process_time()
        document(getattr(fmd_nb, name))
        spent[name].append(time.process_time() - start)
    assert max(map(min, spent.values())) < 0.05, spent


def test_the_package_needs_neither_torch_nor_fastcore_before_a_name_is_used():
    program = "import sys, fmd_nb; dir(fmd_nb); print([m for m in ('torch', 'fastcore') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
