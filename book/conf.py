"""Settings of Sphinx for the book; layout.py says where things come from."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from layout import REPOSITORY, ROOT, VERSION  # noqa: E402

project, author, version = "fmd_nb", "The fmd_nb authors", VERSION
copyright = "the fmd_nb authors; Apache-2.0"  # noqa: A001
extensions = ["myst_nb", "sphinx_design", "sphinx_copybutton", "sphinxcontrib.bibtex", "markup"]
exclude_patterns = []
suppress_warnings = []

nb_execution_mode = "off"  # the notebooks as committed
nb_ipywidgets_js = {}  # no widget's script from elsewhere: a widget is shown by its recording
nb_code_prompt_show, nb_code_prompt_hide = "Show imports", "Hide imports"  # the only cells that are folded
nb_merge_streams = True
nb_render_markdown_format = "myst"  # tables, too
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
bibtex_bibfiles = [str(ROOT / "book/references.bib")]
bibtex_default_style = "unsrt"
copybutton_exclude = ".linenos, .gp, .go"
nitpicky = True
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "pydata_sphinx_theme"
html_title = "fmd_nb"
html_static_path = [str(ROOT / "book/static"), str(ROOT / "data/explorer/explorer.css")]
html_js_files = ["book.js"]
html_css_files = ["explorer.css", "book.css"]
html_use_index = html_domain_indices = False  # the search finds names
html_copy_source = False
html_show_sphinx = False
html_extra_path = [str(ROOT / "build/book-extra")]
html_sidebars = {"index": [], "start": [], "nbs/0_tour": [], "nbs/results": []}
html_theme_options = {
    "logo": {"text": "fmd_nb"},
    "header_links_before_dropdown": 8,
    "icon_links": [{"name": "Repository", "url": REPOSITORY, "icon": "fa-brands fa-github"}],
    "navbar_align": "left",
    "collapse_navigation": True,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
