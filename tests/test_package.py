"""The package as others get it: the wheel, the exported modules, the README."""
import filecmp
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*args, **kwargs) -> str:
    return subprocess.run([str(a) for a in args], check=True, capture_output=True, text=True, **kwargs).stdout


def test_the_wheel_holds_everything(tmp_path):
    source, site = tmp_path / "source", tmp_path / "site"
    ignore = shutil.ignore_patterns(".venv", ".git", "build", "*.egg-info", "demo")
    shutil.copytree(ROOT, source, ignore=ignore)
    run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, source)
    (wheel,) = tmp_path.glob("*.whl")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, wheel)
    modules = sorted(p.stem for p in (ROOT / "fmd_nb").glob("*.py") if not p.stem.startswith("_"))
    program = f"""
import importlib, importlib.resources, fmd_nb
assert fmd_nb.__file__.startswith({str(site)!r}), fmd_nb.__file__
for name in fmd_nb.__all__: getattr(fmd_nb, name)
for module in {modules!r}:
    loaded = importlib.import_module("fmd_nb." + module)
    for name in loaded.__all__: getattr(loaded, name)
assert importlib.resources.files("fmd_nb.data").joinpath("README.md").read_text()
print("fine")
"""
    env = {**os.environ, "PYTHONPATH": str(site)}
    assert run(sys.executable, "-c", program, cwd=tmp_path, env=env).strip() == "fine"
    command = "import sys; sys.argv = ['fmd', '--help']; from fmd_nb.cli import main; main()"
    assert "protect" in run(sys.executable, "-c", command, cwd=tmp_path, env=env)


def test_modules_are_what_the_notebooks_export(tmp_path):
    for name in ("nbs", "fmd_nb", "pyproject.toml"):
        source = ROOT / name
        shutil.copytree(source, tmp_path / name) if source.is_dir() else shutil.copy(source, tmp_path / name)
    run(Path(sys.executable).parent / "nbdev-export", cwd=tmp_path)
    names = [p.name for p in (ROOT / "fmd_nb").glob("*.py")]
    _, differ, missing = filecmp.cmpfiles(ROOT / "fmd_nb", tmp_path / "fmd_nb", names, shallow=False)
    assert not differ and not missing, "edit the notebooks, then run make build"


def test_the_readme_is_the_index_notebook():
    subprocess.run([sys.executable, str(ROOT / "scripts/readme.py"), "--check"], check=True)


def test_notebooks_are_small_clean_and_run():
    for file in (ROOT / "nbs").rglob("*.ipynb"):
        notebook = json.loads(file.read_text(encoding="utf-8"))
        assert len(notebook["cells"]) <= 60 and file.stat().st_size < 10**6, file.name
        for cell in notebook["cells"]:
            outputs = cell.get("outputs", [])
            assert all(o["output_type"] != "error" for o in outputs), file.name
            assert cell.get("execution_count") is None, f"{file.name}: run nbdev-clean"
