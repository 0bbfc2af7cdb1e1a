"""Model-specific image protection by feature map distortion (FMD)."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fmd_nb.evaluation.attribution import heat_map
    from fmd_nb.evaluation.protocol import evaluate
    from fmd_nb.explorer.widgets import Explorer
    from fmd_nb.folders.photos import protect
    from fmd_nb.images.datasets import sample_photos
    from fmd_nb.images.files import read, save
    from fmd_nb.method.fmd import FMD, Result
    from fmd_nb.method.paper import paper_fmd
    from fmd_nb.method.recipes import PRESETS
    from fmd_nb.models.loading import list_models, load_model
    from fmd_nb.support.errors import InputError

_PLACES = {  # each public name, and the module that is imported when the name is first used
    "Explorer": "explorer.widgets", "FMD": "method.fmd", "InputError": "support.errors", "PRESETS": "method.recipes",
    "Result": "method.fmd", "evaluate": "evaluation.protocol", "heat_map": "evaluation.attribution",
    "list_models": "models.loading", "load_model": "models.loading", "paper_fmd": "method.paper",
    "protect": "folders.photos", "read": "images.files", "sample_photos": "images.datasets", "save": "images.files",
}
__all__ = ["Explorer", "FMD", "InputError", "PRESETS", "Result", "evaluate", "heat_map", "list_models", "load_model",
           "paper_fmd", "protect", "read", "sample_photos", "save"]


def __getattr__(name: str):
    """Import a public name when it is first used, and add the comments beside its parameters to its help.

    So importing the package, which the command does to print its help, does not wait for PyTorch.
    """
    if name == "__version__":
        from importlib.metadata import version

        return version("fmd_nb")
    if name not in _PLACES:
        raise AttributeError(f"module 'fmd_nb' has no attribute {name!r}")
    from fmd_nb.support.docs import document

    globals()[name] = document(getattr(import_module(f"fmd_nb.{_PLACES[name]}"), name))
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
