"""Layout of the book: where things lie, the repository it points to, and the parts in their order."""
import os
import re
from configparser import ConfigParser
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

# The rooms: a folder of nbs/ each, with its title and one sentence. Rooms, and the notebooks in them, are ordered by
# their numbers. From that order follow the parts of this book, the table in the README, and the check that imports only
# go down. `9_support` is read last and lies below all others: every room may import it, and it imports none.
ROOMS = {
    "1_images": ("Images", "Files, the budget on the 8-bit grid, what an eye sees, data sets."),
    "2_models": ("Models", "Networks with their preprocessing inside, loading one by name, layers and feature maps."),
    "3_method": ("The method", "Feature map distortion: the paper's algorithm, views, edits, terms, loop, recipes."),
    "4_evaluation": ("Evaluation", "Which models classify the saved files correctly, and how sure we may be of it."),
    "5_limits": ("Limits", "What undoes a protection, and what it does not cover."),
    "6_faces": ("Faces", "People who do not exist, drawn stroke by stroke, and the networks trained on them."),
    "7_explorer": ("The explorer", "How the sliders are made: state, computation, HTML, controls, page."),
    "8_folders": ("Folders", "From one image to an archive: the manifest, many photos, the report, the command."),
    "9_support": ("Support", "What every room uses: error messages, places by path or URL, threads, executors."),
}


def chapters() -> list[tuple[str, str, list[str]]]:
    """Title, sentence and notebooks of each room, as paths below nbs/ without suffix, in the order of reading."""
    nbs = ROOT / "nbs"
    return [(title, text, sorted(f"{room}/{p.stem}" for p in (nbs / room).glob("[0-9]*.ipynb")))
            for room, (title, text) in ROOMS.items()]


def import_order() -> list[str]:
    """Modules of the package, lowest first: a module imports only from modules that stand before it."""
    *rooms, support = [names for *_, names in chapters()]
    files = [ROOT / f"nbs/{name}.ipynb" for names in (support, ["labs/course"], *rooms) for name in names]
    found = [re.search(r'"#\| default_exp ([\w.]+)', f.read_text(encoding="utf-8")) for f in files]
    return [m[1] for m in found if m]


OWNER_REPO = REPOSITORY.removeprefix("https://github.com/").rstrip("/")
