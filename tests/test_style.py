"""House rules that a machine can check: small cells and functions, imports downwards, a demo for every public name."""
import ast
import json
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "fmd_nb"
NOTEBOOKS = sorted(p for p in (ROOT / "nbs").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
ORDER = """
checks storage images masking classifier models datasets published features objective transforms changes optimizer
working_size fmd quality cluster evaluation tables plots attribution training baselines adversaries detection crosstask
synthetic.traits synthetic.drawing synthetic.hair synthetic.features synthetic.figure
synthetic.rendering synthetic.faces synthetic.scenes tasks ablation explorer.state explorer.compute
explorer.render explorer.controls explorer.worker explorer.widgets explorer.sweep explorer.serve
manifest folders report course commands cli
""".split()
COINED = re.compile(
    r"\b(keepers?|watchers?|settles?|settled|stand-ins?|wrongness|flatness|whole_file|climb\w*|_Climb|tough\w*|streaks?|fooled"
    r"|dealt|fight|plot_fight|of nobody|softened labels?|witness\w*|letter|_Mailbox)\b"
)


def cells(path: Path) -> list[tuple[str, str, list]]:
    """Kind, source and outputs of every cell."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [(c["cell_type"], "".join(c["source"]), c.get("outputs", [])) for c in notebook["cells"]]


def exported(path: Path) -> list[str]:
    return [source for kind, source, _ in cells(path) if kind == "code" and re.match(r"#\|\s*export\b", source)]


def module_of(path: Path) -> str | None:
    found = [re.search(r"#\|\s*default_exp\s+(\S+)", source) for _, source, _ in cells(path)]
    return next((m[1] for m in found if m), None)


MODULES = [p for p in NOTEBOOKS if module_of(p)]
ids = [str(p.relative_to(ROOT / "nbs")) for p in NOTEBOOKS]


def test_exported_cells_are_short():
    sizes = [len(source.splitlines()) for path in MODULES for source in exported(path)]
    assert statistics.median(sizes) <= 12, statistics.median(sizes)
    assert max(sizes) <= 40, max(sizes)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_a_notebook_is_small_and_shows_something_early(path):
    found = cells(path)
    assert len(found) <= 60, f"{len(found)} cells"
    assert path.stat().st_size < 10**6, f"{path.stat().st_size} bytes"
    shown = [set(o.get("data", {})) for *_, outputs in found[:6] for o in outputs]
    drawn = any(data & {"image/png", "image/jpeg", "image/svg+xml", "text/html"} for data in shown)
    named = any(kind == "markdown" and "![" in source for kind, source, _ in found[:6])  # README: a picture's file
    assert drawn or named, "no picture or table in six cells"
    sizes = [len(source.splitlines()) for kind, source, _ in found if kind == "code"]
    assert max(sizes) <= 40, f"a cell of {max(sizes)} lines"
    text = "\n".join(source for kind, source, _ in found if kind == "markdown").lower()
    assert "what we saw" in text or path.stem in ("index", "explore"), "no section 'What we saw'"


@pytest.mark.parametrize("path", MODULES, ids=[str(p.relative_to(ROOT / "nbs")) for p in MODULES])
def test_every_public_name_has_a_demo(path):
    code = [source for kind, source, _ in cells(path) if kind == "code"]
    rest = "\n".join(s for s in code if not re.match(r"#\|\s*export\b", s))
    names = [m for s in exported(path) for m in re.findall(r"^(?:def|class) ([A-Za-z]\w*)", s, re.M)]
    assert not [name for name in names if not re.search(rf"\b{name}\b", rest)]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_is_short_and_documented(path):
    text = path.read_text(encoding="utf-8")
    if path.name.startswith("_"):
        return
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno + 1 <= 25, f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_modules_import_only_downwards():
    seen = {str(p.relative_to(PACKAGE).with_suffix("")).replace("/", "."): p for p in PACKAGE.rglob("*.py")
            if not p.name.startswith("_")}
    assert set(seen) == set(ORDER)
    for name, path in seen.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("fmd_nb.")):
                module = (node.module or "").removeprefix("fmd_nb.")
                inside = name.rpartition(".")[0]
                target = f"{inside}.{module}" if node.level == 1 and inside else module
                if target in ORDER:
                    assert ORDER.index(target) < ORDER.index(name), f"{name} imports {target}"


@pytest.mark.parametrize("path", [*sorted(PACKAGE.rglob("*.py")), *NOTEBOOKS], ids=lambda p: str(p.relative_to(ROOT)))
def test_terms_are_the_fields_own(path):
    text = "\n".join(s for _, s, _ in cells(path)) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    assert not sorted({m[0] for m in COINED.finditer(text)})
