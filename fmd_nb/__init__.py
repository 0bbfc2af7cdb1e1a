"""Model-specific image protection by feature map distortion (FMD)."""

from importlib.metadata import version

from fmd_nb.evaluate import evaluate
from fmd_nb.fmd import FMD, Result
from fmd_nb.folders import protect
from fmd_nb.checks import InputError
from fmd_nb.images import read, save
from fmd_nb.models import load_model

__version__ = version("fmd_nb")
__all__ = ["FMD", "InputError", "Result", "evaluate", "load_model", "protect", "read", "save"]
