"""Formulas as MathML, which browsers draw by themselves, without a script; and valid HTML for folded cells."""
import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

BRACE = re.compile(r"<munder>(<mrow>.*?</mrow>)<mo>&#x23DF;</mo></munder>")


def mathml(text: str, display: str = "inline") -> str:
    """Convert a formula to MathML. A line stands for a brace, which browsers stretch only with a mathematical font."""
    return BRACE.sub(r'<mrow class="braced">\1</mrow>', convert(text, display=display))


def _inline(self, node: nodes.math) -> None:
    self.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def _display(self, node: nodes.math_block) -> None:
    self.body.append(f'<div class="formula" tabindex="0">{mathml(node.astext().strip(), "block")}</div>')
    raise nodes.SkipNode


def fold(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Write a folded cell's title as HTML allows it, so that it is read aloud as it is written."""
    title = r'<p class="((?:collapsed|expanded) admonition-title)">(.*?)</p>'
    body = context.get("body", "").replace('<summary aria-label="Toggle hidden content">', "<summary>")
    context["body"] = re.sub(title, r'<span class="\1">\2</span>', body)


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", fold)
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_display, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
