"""Render README.md from nbs/index.ipynb; with --check only say whether it is up to date."""
import os
import re
import sys
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter

ROOT = Path(__file__).parent.parent


def from_root(match: re.Match) -> str:
    """Name a link of the notebook from the root."""
    target = os.path.relpath(ROOT / "nbs" / match[1], ROOT)
    return f"]({target})" if (ROOT / target).exists() else match[0]


def render() -> str:
    """Render the notebook as Markdown, with links and pictures named from the root."""
    notebook = nbformat.read(ROOT / "nbs/index.ipynb", as_version=4)
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.cells = [cell for cell in notebook.cells if not cell.source.startswith("#| hide")]
    for cell in notebook.cells:
        if cell.source.startswith("#| echo: false"):
            cell.metadata["transient"] = {"remove_source": True}
    text, _ = MarkdownExporter().from_notebook_node(notebook)
    text = re.sub(r"\n{3,}", "\n\n", text)
    return re.sub(r"\]\(([\w./]+)\)", from_root, text).strip() + "\n"


if __name__ == "__main__":
    readme = ROOT / "README.md"
    if "--check" in sys.argv:
        same = readme.read_text(encoding="utf-8") == render()
        sys.exit(0 if same else "README.md is not what nbs/index.ipynb renders to")
    readme.write_text(render(), encoding="utf-8")
