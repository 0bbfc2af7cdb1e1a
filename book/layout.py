"""What the book is made of: where things lie, the repository it points to, and the parts in their order."""
import os
from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "build/book-source"  # what Sphinx reads: pages of book/pages, notebooks, the generated reference
OUT = ROOT / "build/book"

_config = ConfigParser(delimiters=["="])
_config.read(ROOT / "settings.ini", encoding="utf-8")
VERSION = _config["DEFAULT"]["version"]

# The one place for the public address: `url` in settings.ini. FMD_BOOK_URL overrides it for one build.
REPOSITORY = os.environ.get("FMD_BOOK_URL") or _config["DEFAULT"]["url"]
BRANCH = os.environ.get("FMD_BOOK_BRANCH", "main")  # what Binder opens
PAGES = os.environ.get("FMD_BOOK_PAGES", "gh-pages")  # the branch that holds build/book; Colab opens notebooks from it
WHEEL = os.environ.get("FMD_BOOK_WHEEL",
                       f"{REPOSITORY}/releases/download/v{VERSION}/fmd_nb-{VERSION}-py3-none-any.whl")

# Title, one sentence, and patterns below nbs/. The last part takes every notebook that no other part names.
PARTS = (
    ("Pictures and networks", "What goes in: photos on the 8-bit grid, networks with their preprocessing inside, data.",
     ["00_*", "01_*", "01b_*", "02_*", "03_*", "04_*", "05_*"]),
    ("The method", "Feature map distortion, from one feature map to the presets.",
     ["06_*", "07_*", "08_*", "09_*", "10_*", "10b_*", "11_*"]),
    ("Measuring", "What people see, which models classify the saved files correctly, and how sure we may be of it.",
     ["12_*", "13_*", "14_*", "15_*", "16_*"]),
    ("Attacks on a protection", "What else the budget buys, and what undoes a protection.",
     ["17_*", "18_*", "19_*"]),
    ("Other tasks", "Detection, attributes, networks trained for a task, sweeps over the settings.",
     ["20_*", "21_*", "22_*", "23_*"]),
    ("Folders, machines, the command", "From one image to an archive, on one machine or on many.",
     ["12b_*", "23b_*", "24_*", "25_*", "25b_*", "25c_*", "26_*"]),
    ("Synthetic faces and scenes", "People who do not exist, drawn stroke by stroke.", ["synthetic/*"]),
    ("How the explorer is made", "State, computation, HTML, controls, page.", ["explorer/*"]),
    ("Speed, scale and more", "What a photo costs, and what was measured at a larger scale.", ["*"]),
)
APART = ("index", "explore", "paper/*", "labs/*")  # notebooks that have their own place in the book


def chapters() -> list[tuple[str, str, list[str]]]:
    """Parts with their notebooks, as paths below nbs/ without suffix, every notebook once."""
    nbs = ROOT / "nbs"
    names = sorted(str(p.relative_to(nbs).with_suffix("")) for p in nbs.rglob("*.ipynb")
                   if not any(part.startswith((".", "_")) for part in p.relative_to(nbs).parts))
    left = [n for n in names if not any(fnmatch(n, pattern) for pattern in APART)]
    parts = []
    for title, text, patterns in PARTS:
        mine = [n for pattern in patterns for n in left
                if fnmatch(n, pattern) and (pattern == "*" or n.count("/") == pattern.count("/"))]
        left = [n for n in left if n not in mine]
        parts.append((title, text, mine))
    return [part for part in parts if part[2]]


OWNER_REPO = REPOSITORY.removeprefix("https://github.com/").rstrip("/")
