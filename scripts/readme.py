"""Render README.md from nbs/index.ipynb; with --check only say whether it is up to date."""
import sys
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter

ROOT = Path(__file__).parent.parent


def render() -> str:
    """The notebook as Markdown, its pictures named from the root."""
    notebook = nbformat.read(ROOT / "nbs/index.ipynb", as_version=4)
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.cells = [cell for cell in notebook.cells if not cell.source.startswith("#| hide")]
    for cell in notebook.cells:
        if cell.source.startswith("#| echo: false"):
            cell.metadata["transient"] = {"remove_source": True}
    text, _ = MarkdownExporter().from_notebook_node(notebook)
    return text.strip().replace("](images/", "](nbs/images/") + "\n"


if __name__ == "__main__":
    readme = ROOT / "README.md"
    if "--check" in sys.argv:
        same = readme.read_text(encoding="utf-8") == render()
        sys.exit(0 if same else "README.md is not what nbs/index.ipynb renders to")
    readme.write_text(render(), encoding="utf-8")
