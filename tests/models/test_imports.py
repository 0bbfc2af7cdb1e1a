"""Importing the models' modules brings in no library that is slow to import."""
import subprocess
import sys

from tests.support.paths import ROOT

PROGRAM = """
import sys, types
package = types.ModuleType("fmd_nb")
package.__path__ = [sys.argv[1]]  # without the package's own __init__
sys.modules["fmd_nb"] = package
import fmd_nb.models.loading as loading
from fmd_nb.models import features, hardware
heavy = lambda: sorted({"torchvision", "timm", "huggingface_hub", "matplotlib"} & set(sys.modules))
print("after the import:", heavy())
loading._find("faces/identity/vgg"), loading._find("tf_efficientnet_lite0")
print("after finding two names:", heavy())
"""


def test_libraries_are_imported_when_they_are_needed():
    command = [sys.executable, "-c", PROGRAM, str(ROOT / "fmd_nb")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["after the import: []", "after finding two names: []"]
