"""Build the book: gather its pages in build/book-source, then let Sphinx write build/book."""
import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path

import command
import layout
import notebooks
import reference
from layout import OUT, REPOSITORY, ROOT, SOURCE
from sphinx.cmd.build import main as sphinx

EXTRA = ROOT / "build/book-extra"  # copied as it is: notebooks to run


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def add_notebook(path: Path, place: str) -> None:
    """Add one notebook as a page at `place`, and as a file to download and to run on Colab."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    prepared = notebooks.page(notebook, path, place.count("/"))
    write(SOURCE / f"{place}.ipynb", json.dumps(prepared, ensure_ascii=False))
    write(EXTRA / "notebooks" / path.relative_to(ROOT), json.dumps(notebooks.to_run(notebook), ensure_ascii=False))


def add_notebooks() -> list[str]:
    """Add every notebook, and the students' versions of the labs in place of their masters. Returns the labs' names."""
    nbs, labs = ROOT / "nbs", ROOT / "data/labs"
    names = ["0_tour", "results", "explore", *(n for *_, part in layout.chapters() for n in part), "labs/course",
             *(f"paper/{p.stem}" for p in nbs.glob("paper/*.ipynb"))]
    for name in names:
        add_notebook(nbs / f"{name}.ipynb", f"nbs/{name}")
    for path in labs.glob("lab*.ipynb"):
        add_notebook(path, f"labs/{path.stem}")
    return sorted(p.stem for p in labs.glob("lab*.ipynb"))


def toctree(entries: list[str], *options: str) -> str:
    return "\n".join(["```{toctree}", *options, "", *entries, "```", ""])


def listed(names: list[str], here: str) -> str:
    """List notebooks with the sentence that each begins with."""
    rows = []
    for name in names:
        title, said = notebooks.lead(ROOT / f"{here}{name}.ipynb")
        rows.append(f"[{title}](/{'labs/' if here.startswith('data') else here}{name}.ipynb)\n: {said}\n")
    return "\n".join(rows)


def add_contents(labs: list[str]) -> None:
    """Write the pages that list others: chapters, the paper's tables, the labs."""
    pages = ROOT / "book/pages"
    text = (pages / "chapters.md").read_text(encoding="utf-8")
    for title, said, names in layout.chapters():
        text += f"\n## {title}\n\n{said}\n\n{listed(names, 'nbs/')}\n"
        text += toctree([f"/nbs/{n}" for n in names], ":hidden:", f":caption: {title}")
    write(SOURCE / "chapters.md", text)
    paper = sorted(f"paper/{p.stem}" for p in (ROOT / "nbs/paper").glob("*.ipynb"))
    text = (pages / "paper.md").read_text(encoding="utf-8") + listed(paper, "nbs/")
    write(SOURCE / "paper.md", text + toctree([f"/nbs/{n}" for n in paper], ":hidden:"))
    text = (pages / "labs.md").read_text(encoding="utf-8") + listed(labs, "data/labs/")
    pages_of_labs = [*(f"/labs/{n}" for n in labs), "/labs/teaching", "/nbs/labs/course"]
    write(SOURCE / "labs.md", text + toctree(pages_of_labs, ":hidden:"))


def add_reference() -> None:
    for module in reference.modules():
        write(SOURCE / f"reference/api/{module}.md", reference.page(module))
    write(SOURCE / "reference/api/index.md", reference.index())
    write(SOURCE / "reference/command.md", command.page())


def add_project() -> None:
    """Add the pages of the repository's root; their links to files lead to the repository."""
    names = [n for n in ("CONTRIBUTING", "CHANGELOG", "SECURITY") if (ROOT / f"{n}.md").exists()]
    for name in names:
        text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
        write(SOURCE / f"project/{name.lower()}.md", notebooks.links(text))
    text = (ROOT / "nbs/labs/teaching.md").read_text(encoding="utf-8")
    write(SOURCE / "labs/teaching.md", notebooks.links(text))
    text = (ROOT / "book/pages/project.md").read_text(encoding="utf-8").replace("REPOSITORY_URL", REPOSITORY)
    text = text.replace("PACKAGE_VERSION", layout.VERSION)
    write(SOURCE / "project/index.md", text + toctree([n.lower() for n in names], ":maxdepth: 1"))


def gather() -> None:
    """Write all that Sphinx reads into empty folders, so that removed pages are gone."""
    for folder in (SOURCE, EXTRA):
        shutil.rmtree(folder, ignore_errors=True)
    labs = add_notebooks()
    add_contents(labs)
    add_reference()
    add_project()
    apart = {"chapters.md", "paper.md", "labs.md", "project.md"}
    for path in (ROOT / "book/pages").rglob("*.md"):
        if path.name not in apart or path.parent.name != "pages":
            text = path.read_text(encoding="utf-8").replace("REPOSITORY_URL", REPOSITORY)
            write(SOURCE / path.relative_to(ROOT / "book/pages"), text)
    for folder in ("nbs/images", "images"):
        shutil.copytree(ROOT / "nbs/images", SOURCE / folder, dirs_exist_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lax", action="store_true", help="let warnings pass")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    start = time.monotonic()
    shutil.rmtree(options.out, ignore_errors=True)
    gather()
    strict = [] if options.lax else ["-W", "--keep-going"]
    jobs = str(min(4, os.cpu_count() or 1))
    code = sphinx([*strict, "-n", "-q", "-j", jobs, "-b", "html", "-c", str(ROOT / "book"),
                   "-E", "-d", str(ROOT / "build/book-doctrees"), str(SOURCE), str(options.out)])
    if code == 0:
        print(f"{options.out}/index.html: {time.monotonic() - start:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
