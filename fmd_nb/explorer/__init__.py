"""Explore a protection with sliders, pictures, heat maps and predictions, in a notebook or as a page of its own.

The modules are state, compute, render, controls, worker, page, widgets, sweep and serve. The names below are imported
at their first use, so `fmd explore` starts its server without loading PyTorch.
"""
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .compute import Store
    from .serve import explore
    from .state import State, square
    from .sweep import SweepExplorer
    from .widgets import Explorer

__all__ = ["Explorer", "State", "Store", "SweepExplorer", "explore", "square"]
_MODULES = {"Explorer": "widgets", "State": "state", "Store": "compute", "SweepExplorer": "sweep", "explore": "serve",
            "square": "state"}


def __getattr__(name: str):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
