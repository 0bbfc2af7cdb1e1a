"""The package as others get it: the wheel in a clean environment, the exported modules, the command, the README."""
import filecmp
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT

MODULES = sorted(str(p.relative_to(ROOT).with_suffix("")).replace(os.sep, ".") for p in (ROOT / "fmd_nb").rglob("*.py")
                 if not p.stem.startswith("_"))


def run(*args, **kwargs) -> str:
    return subprocess.run([str(a) for a in args], check=True, capture_output=True, text=True, **kwargs).stdout


def check_labs(wheel: Path) -> None:
    """Students' versions are in a wheel, and neither a solution nor a hidden test."""
    with zipfile.ZipFile(wheel) as archive:
        labs = [name for name in archive.namelist() if "labs/" in name]
        assert labs and all(name.startswith("fmd_nb/data/labs/lab") for name in labs)
        for name in archive.namelist():
            content = archive.read(name)
            assert b"HIDDEN " + b"TESTS" not in content and b"BEGIN " + b"SOLUTION" not in content, name


@pytest.mark.slow
def test_the_wheel_works_in_a_clean_environment(tmp_path):
    source, clean = tmp_path / "source", tmp_path / "clean"
    ignore = shutil.ignore_patterns(".venv", ".git", "build", "*.egg-info", "demo")
    shutil.copytree(ROOT, source, ignore=ignore)
    run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, source)
    (wheel,) = tmp_path.glob("*.whl")
    check_labs(wheel)
    venv.create(clean, with_pip=True)
    python = clean / "bin/python"
    run(python, "-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check", wheel)
    program = f"""
import importlib, importlib.resources, fmd_nb
assert fmd_nb.__file__.startswith({str(clean)!r}), fmd_nb.__file__
for name in fmd_nb.__all__: assert not isinstance(getattr(fmd_nb, name), type(fmd_nb)), name
for module in {MODULES!r}:
    loaded = importlib.import_module(module)
    for name in loaded.__all__: getattr(loaded, name)
assert importlib.resources.files("fmd_nb.data").joinpath("README.md").read_text()
from fmd_nb.explorer import Explorer
explorer = Explorer()
assert explorer.widget and explorer.state.scenario
explorer.stop()
for extra in ("nbformat", "voila", "jupyterlab"):
    assert importlib.util.find_spec(extra) is None, extra
print("fine")
"""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    assert run(python, "-c", program, cwd=tmp_path, env=env).strip() == "fine"
    assert "protect" in run(clean / "bin/fmd", "--help", cwd=tmp_path, env=env)


def cpu_seconds() -> float:
    """Of all processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def median_seconds(*programs: str) -> list[float]:
    """Median processor time of each program over five rounds, in turn; other tests run beside, and do not count."""
    times = [[] for _ in programs]
    for _ in range(5):
        for found, program in zip(times, programs, strict=True):
            start = cpu_seconds()
            run(sys.executable, "-c", program)
            found.append(cpu_seconds() - start)
    return [statistics.median(t) for t in times]


@pytest.mark.slow
def test_importing_costs_little_more_than_torch():
    programs = ("import torch", "import fmd_nb", "from fmd_nb import FMD, evaluate, load_model, protect")
    torch, package, names = median_seconds(*programs)
    assert package <= 1.3 * torch, (package, torch)
    assert names <= 1.5 * torch, (names, torch)


COMMANDS = ["", "protect", "evaluate", "models", "layers", "report", "train", "explore", "lab", "demo"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_does_not_import_torch(command):
    code = ("import sys; from fmd_nb.folders.command import main\ntry: main()\nexcept SystemExit: pass\n"
            "assert 'torch' not in sys.modules")
    text = run(sys.executable, "-c", code, *filter(None, [command]), "--help")
    assert "Usage" in text


def test_modules_are_what_the_notebooks_export(tmp_path):
    for name in ("nbs", "fmd_nb", "pyproject.toml"):
        source = ROOT / name
        shutil.copytree(source, tmp_path / name) if source.is_dir() else shutil.copy(source, tmp_path / name)
    run(Path(sys.executable).parent / "nbdev-export", cwd=tmp_path)
    names = [str(p.relative_to(ROOT / "fmd_nb")) for p in (ROOT / "fmd_nb").rglob("*.py")]
    _, differ, missing = filecmp.cmpfiles(ROOT / "fmd_nb", tmp_path / "fmd_nb", names, shallow=False)
    assert not differ and not missing, "edit the notebooks, then run make build"


def test_the_readme_is_the_index_notebook():
    subprocess.run([sys.executable, str(ROOT / "scripts/readme.py"), "--check"], check=True)


def test_notebooks_are_clean_and_run():
    for file in (ROOT / "nbs").rglob("*.ipynb"):
        notebook = json.loads(file.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            outputs = cell.get("outputs", [])
            assert all(o["output_type"] != "error" for o in outputs), file.name
            assert cell.get("execution_count") is None, f"{file.name}: run nbdev-clean"
