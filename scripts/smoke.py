"""Try an installed fmd_nb as a stranger would: python smoke.py, from any folder but the repository's."""
import importlib
import pkgutil
import shutil
import subprocess
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import skimage

import fmd_nb
from fmd_nb.course import labs
from fmd_nb.evaluation.tables import read_results
from fmd_nb.folders.manifest import read_manifest
from fmd_nb.models.loading import zoo

PHOTO = Path(skimage.__file__).parent / "data/chelsea.png"  # comes with scikit-image
FMD = Path(sys.executable).parent / "fmd"


def fmd(*args: object) -> str:
    """Run the command."""
    return subprocess.run([str(FMD), *map(str, args)], check=True, capture_output=True, text=True).stdout


def import_everything() -> int:
    """Import every module; how many public names they have."""
    names = 0
    for module in pkgutil.walk_packages(fmd_nb.__path__, "fmd_nb."):
        loaded = importlib.import_module(module.name)
        for name in getattr(loaded, "__all__", ()):
            getattr(loaded, name)
            names += 1
    return names


def main() -> None:
    place = Path(fmd_nb.__file__)
    assert place.is_relative_to(sys.prefix), f"{place} is not the installed package"
    assert fmd("--version").split()[-1] == version("fmd_nb") == fmd_nb.__version__
    names = import_everything()
    assert files("fmd_nb.data").joinpath("README.md").is_file() and (place.parent / "py.typed").is_file()
    assert len(zoo()) >= 18 and len(labs()) == 7 and len(read_results("robust_16")["robust_16"])
    Path("photos").mkdir()
    shutil.copy(PHOTO, "photos")
    fmd("protect", "photos", "-o", "protected", "--preset", "strong", "--steps", 4)
    (row,) = read_manifest("protected").itertuples()
    assert row.ok and Path("protected/chelsea.png").is_file()
    print(fmd("evaluate", "photos", "protected"))
    print(f"{names} public names imported, a photo protected and evaluated")


if __name__ == "__main__":
    main()
