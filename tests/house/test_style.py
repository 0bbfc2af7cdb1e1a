"""What a machine can check of the house: imports go down, public names are documented, terms are the field's own."""
import ast
import json
import re
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PACKAGE = ROOT / "fmd_nb"
NOTEBOOKS = sorted(p for p in (ROOT / "nbs").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
sys.path.insert(0, str(ROOT / "book"))
from layout import import_order  # noqa: E402

COINED = re.compile(
    r"\b(keepers?|watchers?|settles?|settled|stand-ins?|wrongness|flatness|whole_file|climb\w*|_Climb|tough\w*|streaks?|fooled"
    r"|dealt|fight|plot_fight|of nobody|softened labels?|witness\w*|letter|_Mailbox)\b"
)


def cells(path: Path) -> list[tuple[str, str, list]]:
    """Kind, source and outputs of every cell."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [(c["cell_type"], "".join(c["source"]), c.get("outputs", [])) for c in notebook["cells"]]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_public_names_are_documented(path):
    if path.name.startswith("_mod"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


def imported(path: Path, name: str) -> list[str]:
    """Modules of the package that a module imports, at its top or inside its functions."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("fmd_nb.")):
            rooms = name.split(".")[: -node.level] if node.level else []
            found.append(".".join([*rooms, (node.module or "").removeprefix("fmd_nb.")]))
    return found


def test_modules_import_only_downwards():
    order = import_order()
    seen = {str(p.relative_to(PACKAGE).with_suffix("")).replace("/", "."): p for p in PACKAGE.rglob("*.py")
            if not p.name.startswith("_")}
    assert set(seen) == set(order)
    arrows = [(name, target) for name, path in seen.items() for target in imported(path, name) if target in order]
    assert len(arrows) > len(seen)
    assert not [f"{a} imports {b}" for a, b in arrows if order.index(b) >= order.index(a)]


@pytest.mark.parametrize("path", [*sorted(PACKAGE.rglob("*.py")), *NOTEBOOKS], ids=lambda p: str(p.relative_to(ROOT)))
def test_terms_are_the_fields_own(path):
    text = "\n".join(s for _, s, _ in cells(path)) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    assert not sorted({m[0] for m in COINED.finditer(text)})
