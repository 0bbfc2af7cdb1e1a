"""The explorer: sliders, pictures, heat maps and predictions, in a notebook or as a page of its own.

Its modules: state, compute, render, controls, worker, widgets, sweep, serve. The names below are imported when they
are first used, so that `fmd explore` can start its server without loading PyTorch.
"""
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .compute import Store
    from .serve import explore
    from .state import State, square
    from .sweep import AblationExplorer
    from .widgets import Explorer

__all__ = ["AblationExplorer", "Explorer", "State", "Store", "explore", "square"]
_MODULES = {"AblationExplorer": "sweep", "Explorer": "widgets", "State": "state", "Store": "compute", "explore": "serve",
            "square": "state"}


def __getattr__(name: str):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
