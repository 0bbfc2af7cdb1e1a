"""A figure with sliders: live widgets only where a kernel answers them, and never in a saved notebook."""
import json

import IPython
import pytest

from fmd_nb.support.sliders import SliderFigure
from tests.support.paths import ROOT

LIVE = "application/vnd.jupyter.widget-view+json"
NOTEBOOKS = [p for p in sorted((ROOT / "nbs").rglob("*.ipynb")) if ".ipynb_checkpoints" not in p.parts]


def draw(x: int = 2) -> str:
    """A number as HTML."""
    return f"<b>{x}</b>"


@pytest.mark.parametrize("kernel", [True, False])
def test_sliders_are_live_where_a_kernel_runs(monkeypatch, kernel):
    shell = type("Shell", (), {"kernel": None} if kernel else {})
    monkeypatch.setattr(IPython, "get_ipython", shell)
    figure = SliderFigure(draw, x=[1, 2])
    bundle = figure._repr_mimebundle_()
    assert (bundle["text/html"], bundle["text/plain"]) == ("<b>2</b>", "SliderFigure(x=2)")
    assert bundle.get(LIVE, {}).get("model_id") == (figure.widget.model_id if kernel else None)
    figure.close()
    figure.close()  # a second time does no harm


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_saved_notebook_holds_live_widgets(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    live = [o for c in notebook["cells"] for o in c.get("outputs", []) if LIVE in o.get("data", {})]
    assert not live and "widgets" not in notebook["metadata"]
