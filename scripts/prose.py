"""Find prose that does not read well: phrases that CONTRIBUTING rules out, and paragraphs that are too long.

    python scripts/prose.py               a count per room
    python scripts/prose.py nbs/1_images  every finding in a folder or file
    python scripts/prose.py --words 35    sentences of more than 35 words, too
"""
import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONGEST = 80  # words in a paragraph
TEXTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "data/README.md", "book/pages/**/*.md",
         "nbs/**/*.md", "nbs/**/*.ipynb", "fmd_nb/**/*.py", "experiments/*.py", "scripts/*.py", "book/*.py",
         "data/**/*.j2", "data/report.html")
COUNTED = "row|line|card|number|generator|pass|passes|file|hash|job|cell|draw|call|point|picture|column|name|value"
UNITS = ("model|image|photo|picture|row|step|worker|method|file|setting|cell|channel|network|preset|face|second|minute"
         "|label|task|pixel|value|iteration|class|person|run|line|column|draw|job|query|term|layer")
COUNTS = rf"(?:an?|one|two|three|four|\d+) (?:{COUNTED})s?|seconds|minutes|ms|MB|GB|steps|passes|GPUs?|cores?"
PHRASES = {  # what is wrong, by a name: a pattern
    "per": rf"\b(?:{COUNTS}) an? (?:{UNITS})\b",
    "shall": r"\bshall\b",
    "whoever": r"\bwhoever\b",
    "to be had": r"\b(?:is|are|be) (?:to be )?had\b",
    "what is no": r"\bwhat is no\b",
    "too, and therefore": r"differentiated, too",
    "searched at a working size": r"\bsearched at a working size\b|\btake hardly longer\b",
    "as they were given": r"\bas they were given\b",
    "never held": r"\bnever held\b|\bhash an output\b",
    "can do with": r"\bimages can do with\b|\bpay for those that\b",
    "nobody can know": r"\bnobody can know\b",
    "nothing was left to do": r"\bnothing was left to do\b",
    "which? write": r"\bwhich\? write\b",
    "which, not who": r"\b(?:models?|networks?|surrogates?|victims?),? who\b",
}
OF = r"(?:^|[.!?:]\s+|\n\s*\n|>\s)Of\s"  # a sentence
OF_COMMENT = r"#\s+of\s|help\s*=\s*\"[Oo]f\s"  # a comment beside a parameter, the help of an option
OUT = {"scripts/prose.py"}  # holds the phrases itself


@dataclass(frozen=True)
class Finding:
    """One place that does not read well."""

    file: str  # below the root
    what: str  # a name in PHRASES, "Of", "paragraph" or "sentence"
    text: str  # an excerpt

    @property
    def room(self) -> str:
        """Tell where it lies: a room of notebooks or modules, or the file."""
        parts = self.file.split("/")
        return "/".join(parts[:2]) if parts[0] in ("nbs", "fmd_nb") and len(parts) > 2 else parts[0]


def files() -> list[Path]:
    """List all texts of the repository that people read."""
    found = {p for pattern in TEXTS for p in ROOT.glob(pattern) if ".ipynb_checkpoints" not in p.parts}
    return sorted(p for p in found if "fmd_nb/data" not in str(p) and str(p.relative_to(ROOT)) not in OUT)


def pieces(path: Path) -> Iterator[tuple[str, str]]:
    """Yield kind (prose or code) and text of every cell of a notebook; a file is one piece."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        for cell in json.loads(text)["cells"]:
            yield "prose" if cell["cell_type"] == "markdown" else "code", "".join(cell["source"])
    else:
        yield "prose" if path.suffix == ".md" else "code", text


def plain(prose: str) -> str:
    """Remove code, formulas, comments, addresses and pictures."""
    prose = re.sub(r"(?ms)^\s*(```+).*?^\s*\1`*", "", prose)
    prose = re.sub(r"(?s)<!--.*?-->|\$\$.*?\$\$", "", prose)
    prose = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", prose)
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", prose)


def paragraphs(prose: str) -> Iterator[str]:
    """Yield paragraphs and items of lists; no headings, tables or directives."""
    for block in re.split(r"\n\s*\n", plain(prose)):
        for part in re.split(r"(?m)^\s*(?:[-*+]|\d+\.)\s+|^: ", block):
            text = " ".join(line for line in part.splitlines() if not re.search(r"^\s*(#|\||:{3,}|---)| \| ", line))
            if text.strip():
                yield " ".join(text.split())


def words(text: str) -> int:
    """Count the words of a text; signs that stand alone are none."""
    return sum(bool(re.search(r"\w", word)) for word in text.split())


def sentences(paragraph: str) -> list[str]:
    return re.split(r"(?<=[.!?])[*)\"”]*\s+(?=[A-Z`*\"“])", paragraph)


def look(path: Path, most: int = 10**6) -> Iterator[Finding]:
    """Find everything in a file, sentences of more than `most` words among it."""
    name = str(path.relative_to(ROOT))
    for kind, text in pieces(path):
        for block in re.split(r"\n\s*\n", text) if kind == "prose" else [text]:
            if kind == "prose":  # lines are joined; quotations may say it
                block = re.sub(r'"[^"]{1,25}"', "", " ".join(block.split()))
            for what, pattern in PHRASES.items():
                for m in re.finditer(pattern, block, re.I):
                    yield Finding(name, what, block[max(0, m.start() - 30):m.end() + 30])
        for m in re.finditer(OF if kind == "prose" else f"{OF_COMMENT}|{OF}", text):
            yield Finding(name, "Of", text[m.start():m.end() + 50])
        for paragraph in paragraphs(text) if kind == "prose" else ():
            if words(paragraph) > LONGEST:
                yield Finding(name, "paragraph", f"{words(paragraph)} words: {paragraph[:70]}")
            for sentence in sentences(paragraph):
                if words(sentence) > most:
                    yield Finding(name, "sentence", f"{words(sentence)} words: {sentence}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", help="files or folders below the root; none: a count per room")
    parser.add_argument("--words", type=int, default=10**6, help="report sentences of more words than this")
    options = parser.parse_args()
    found = [f for path in files() for f in look(path, options.words)]
    if options.paths:
        for f in found:
            if any(f.file == p.rstrip("/") or f.file.startswith(p.rstrip("/") + "/") for p in options.paths):
                print(f"{f.file}: {f.what}: {' '.join(f.text.split())}")
        return
    table: dict[str, Counter] = {}
    for f in found:
        table.setdefault(f.room, Counter())[f.what] += 1
    for room, counts in sorted(table.items()):
        print(f"{room:24} {sum(counts.values()):4}  " + ", ".join(f"{what} {n}" for what, n in counts.most_common()))
    print(f"{'all':24} {len(found):4}")


if __name__ == "__main__":
    main()
