"""Model-specific image protection by feature map distortion (FMD)."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fmd_nb.support.errors import InputError
    from fmd_nb.evaluation.protocol import evaluate
    from fmd_nb.method.fmd import FMD, Result
    from fmd_nb.folders.photos import protect
    from fmd_nb.images.files import read, save
    from fmd_nb.models.loading import load_model

_PLACES = {  # what the package offers, and the module that is imported when it is first asked for
    "FMD": "method.fmd", "InputError": "support.errors", "Result": "method.fmd", "evaluate": "evaluation.protocol",
    "load_model": "models.loading", "protect": "folders.photos", "read": "images.files", "save": "images.files",
}
__all__ = ["FMD", "InputError", "Result", "evaluate", "load_model", "protect", "read", "save"]


def __getattr__(name: str):
    """Import a name of the package when it is first used, so that the command's help does not wait for torch."""
    if name == "__version__":
        from importlib.metadata import version

        return version("fmd_nb")
    if name not in _PLACES:
        raise AttributeError(f"module 'fmd_nb' has no attribute {name!r}")
    return getattr(import_module(f"fmd_nb.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__, "__version__"]
