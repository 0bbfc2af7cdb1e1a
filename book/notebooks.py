"""Turn a notebook as committed into a page: no directives, described pictures, links, buttons. Nothing is executed."""
import ast
import json
import re
from pathlib import Path

from layout import BRANCH, OWNER_REPO, PAGES, REPOSITORY, ROOT, WHEEL

DIRECTIVE = re.compile(r"^#\|.*\n?", re.M)
RECORDED = {  # cells that need a kernel: the recording, what is seen in it
    "explorer": ("explorer_start.webp", "The explorer as it starts: controls on the left; original, protected picture "
                 "and difference in the middle; the predictions of three models on the right."),
    "SweepExplorer()": ("explorer_sweep.webp", "The page for sweeps after a run: controls on the left, curves of "
                           "accuracy and quality over the settings on the right."),
}
INSTALL = f"""# Installs the package on Colab; does nothing anywhere else.
import sys

if "google.colab" in sys.modules:
    %pip install -q "fmd_nb[lab] @ {WHEEL}\""""


def _text(cell: dict) -> str:
    return "".join(cell["source"])


def markdown(text: str, name: str) -> dict:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def only_imports(code: str) -> bool:
    """Tell whether a cell only imports and sets the format of pictures; Jupyter's own commands do more."""
    try:
        nodes = ast.parse(code).body
    except SyntaxError:
        return False
    return all(isinstance(n, (ast.Import, ast.ImportFrom)) or ast.unparse(n).startswith("set_matplotlib_formats")
               for n in nodes)


def under_the_title(text: str, inserted: str) -> str:
    """Insert text into the first cell, behind its title and its `>` line if there is one."""
    found = re.match(r"\s*# .+\n*(?:>.*\n?)*", text)
    return f"{found[0].rstrip()}\n\n{inserted}\n\n{text[found.end():]}"


def lead(path: Path) -> tuple[str, str]:
    """Find the title of a notebook and the sentence behind its `>`."""
    text = "\n".join(_text(c) for c in json.loads(path.read_text(encoding="utf-8"))["cells"][:2])
    title, said = re.search(r"^# (.+)", text, re.M), re.search(r"^> (.+)", text, re.M)
    return title[1] if title else path.stem, said[1] if said else ""


def first_sentence(text: str) -> str:
    """Return the first sentence of running text, without markup, or an empty text."""
    for paragraph in re.split(r"\n\s*\n", text):
        if not re.match(r"\s*([#|>$<!`*-]|\d+\.)", paragraph) and paragraph.strip():
            plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", paragraph)
            return re.split(r"(?<=[.?!:])\s", re.sub(r"[*`$\\]", "", plain).strip())[0].rstrip(":")
    return ""


def describe(cells: list[dict], place: int) -> str:
    """Describe the picture that the cell at `place` draws, for readers who do not see it: section, what to notice."""
    before = "\n".join(_text(c) for c in cells[:place + 1] if c["cell_type"] == "markdown")
    section = re.findall(r"^#+ (.+)", before, re.M)[-1]
    said = next((_text(c) for c in cells[place + 1:place + 3] if c["cell_type"] == "markdown"), "")
    if said.startswith("#"):
        said = ""
    return " ".join(f"Figure in the section “{section}”. {first_sentence(said)}".replace('"', "'").split())


def link_names(text: str) -> str:
    """Turn the name of a notebook, such as `nbs/3_method/1_objective`, into a link to its page."""
    def link(match: re.Match) -> str:
        name = match[1].removeprefix("nbs/").removesuffix(".ipynb")
        there = (ROOT / f"nbs/{name}.ipynb").exists() and name != "index" and not re.match(r"labs/lab\d", name)
        return f"[`{match[1]}`](/nbs/{name}.ipynb)" if there else match[0]

    name = r"(?<!\[)`((?:nbs/)?\d_\w+/\d_\w+|nbs/[\w/]+(?:\.ipynb)?)`"
    parts = re.split(r"(```.*?```)", text, flags=re.S)
    return "".join(part if part.startswith("```") else re.sub(name, link, part) for part in parts)


def link_papers(text: str) -> str:
    """Turn an arXiv number into a link to the paper."""
    return re.sub(r"(?<!\[)\barXiv:? (\d{4}\.\d{4,5})\b", r"[arXiv \1](https://arxiv.org/abs/\1)", text)


def clean_html(html: str) -> str:
    """Clean pandas' tables of obsolete HTML, and drop style sheets: the explorer's comes with every page."""
    html = re.sub(r"<style\b[^>]*>.*?</style>\s*", "", html, flags=re.S)
    html = re.sub(r' v?align="(?:top|left)"| halign="left"', "", html)
    return html.replace('<table border="1" class="dataframe">', '<table class="dataframe">')


def buttons(name: str, depth: int) -> str:
    """Write the links that open a notebook; `name` is its path in the repository without suffix."""
    up = "../" * depth
    return (f'<p class="launch"><a href="https://colab.research.google.com/github/{OWNER_REPO}/blob/{PAGES}/notebooks/'
            f'{name}.ipynb">Open in Colab</a> <a href="https://mybinder.org/v2/gh/{OWNER_REPO}/{BRANCH}?urlpath=lab/tree/'
            f'{name}.ipynb">Open in Binder</a> <a href="{up}start.html#in-jupyterlab">Open in JupyterLab</a> '
            f'<a href="{up}notebooks/{name}.ipynb" download>Download</a></p>')


def page(notebook: dict, path: Path, depth: int) -> dict:
    """Prepare the notebook for Sphinx; `depth` is how many folders its page lies in."""
    cells, shown, name = notebook["cells"], [], str(path.relative_to(ROOT).with_suffix(""))
    for place, cell in enumerate(cells):
        text = _text(cell)
        if cell["cell_type"] == "markdown":
            linked = links(text)
            shown.append(cell | {"source": linked if shown else under_the_title(linked, buttons(name, depth))})
        elif cell["cell_type"] == "code" and not re.match(r"#\|\s*hide\b", text):
            code, outputs = DIRECTIVE.sub("", text), [clean_output(o) for o in cell.get("outputs", [])]
            if code.strip():
                metadata = {"mystnb": {"image": {"alt": describe(cells, place)}}}
                tag = "remove-input" if re.match(r"#\|\s*echo:\s*false", text) else "hide-input"
                metadata |= {"tags": [tag]} if tag == "remove-input" or only_imports(code) else {}
                shown.append(cell | {"source": code, "outputs": outputs, "metadata": metadata})
            if code.strip() in RECORDED:
                file, alt = RECORDED[code.strip()]
                text = f"![{alt}](/images/{file})\n\n*Recorded; it moves where a kernel runs.*"
                shown.append(markdown(text, f"recorded-{place}"))
    return notebook | {"cells": shown}


def clean_output(output: dict) -> dict:
    """Clean the HTML of an output."""
    data = output.get("data", {})
    html = {"text/html": clean_html("".join(data["text/html"]))} if "text/html" in data else {}
    return output | {"data": data | html} if html else output


def to_run(notebook: dict) -> dict:
    """Prepare the notebook for Colab: no outputs, and a first cell that installs the package there."""
    cells = [c | ({"outputs": []} if c["cell_type"] == "code" else {}) for c in notebook["cells"]]
    install = {"cell_type": "code", "id": "install", "metadata": {}, "source": INSTALL, "outputs": [],
               "execution_count": None}
    return notebook | {"cells": [install, *cells]}


def link_files(text: str) -> str:
    """Point links to files at the repository, or at the page of the book that shows the file."""
    def link(match: re.Match) -> str:
        target, _, anchor = match[2].partition("#")
        end = f"#{anchor}" if anchor else ""
        if not (ROOT / target).is_file():
            return match[0]
        if re.fullmatch(r"[A-Z]+\.md", target):
            return f"[{match[1]}](/project/{target.lower()}{end})"
        return f"[{match[1]}]({REPOSITORY}/blob/{BRANCH}/{target}{end})"

    return re.sub(r"(?<!!)\[([^\]]*)\]\(([\w./-]+(?:#[\w-]+)?)\)", link, text)


def links(text: str) -> str:
    """Link names of notebooks, numbers of papers, and files of the repository."""
    return link_files(link_papers(link_names(text)))
