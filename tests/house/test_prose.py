"""Prose: no phrase that CONTRIBUTING rules out, no paragraph that is too long."""
import sys

import pytest

from tests.support.paths import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import prose  # noqa: E402


@pytest.mark.parametrize("path", prose.files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_reads_well(path):
    assert not [f"{f.what}: {f.text}" for f in prose.look(path)]


@pytest.mark.parametrize(("text", "what"), [
    ("One line a method.", "per"), ("It takes 3 seconds a photo.", "per"), ("A model that shall work.", "shall"),
    ("Of these, two fail.", "Of"), ("Two fail. Of these, one is small.", "Of"),
    ("A model who fails.", "which, not who"),
    ("Results can be had again.", "to be had"), ("word " * 81, "paragraph"), ("- a\n- " + "word " * 81, "paragraph"),
])
def test_what_is_ruled_out_is_found(text, what, tmp_path, monkeypatch):
    monkeypatch.setattr(prose, "ROOT", tmp_path)
    file = tmp_path / "page.md"
    file.write_text(text)
    assert [f.what for f in prose.look(file)] == [what]


@pytest.mark.parametrize("text", ["One line per method.", "Give a model a photo.", "Out of these, two fail.",
                                  "word " * 80, "```sh\n" + "word " * 90 + "\n```", ("| word " * 90) + "|"])
def test_what_is_allowed_is_not(text, tmp_path, monkeypatch):
    monkeypatch.setattr(prose, "ROOT", tmp_path)
    file = tmp_path / "page.md"
    file.write_text(text)
    assert not list(prose.look(file))


def test_comments_and_messages_of_code_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(prose, "ROOT", tmp_path)
    file = tmp_path / "module.py"
    file.write_text('def f(\n    seed: int,  # of the draw\n):\n    "Whoever reads it."\n')
    assert sorted(f.what for f in prose.look(file)) == ["Of", "whoever"]


def test_the_readme_is_short():
    """Everything counts: code, tables, addresses."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert 300 < len(text.split()) <= 900
