"""How Sphinx makes the site of these documents: `make docs`."""

import sys
from pathlib import Path

import radtex

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "radtex"
author = copyright = "the radtex authors"
smartquotes = False  # two dashes are a flag
release = version = radtex.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "from_code"]
exclude_patterns = ["_build", "_extensions"]
html_static_path = ["_static"]
html_css_files = ["site.css"]

# Every heading down to the fourth level has an anchor; a link that leads nowhere is an error.
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
nitpicky = True
# Types of other packages are named, and not linked: their documents lie elsewhere.
nitpick_ignore_regex = [("py:.*", ".*")]
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"radtex {release}"
html_show_sourcelink = False
html_copy_source = False
html_domain_indices = False
html_theme_options = {"navigation_with_keys": True}
highlight_language = "none"  # of blocks that name no language
pygments_style = "friendly"
pygments_dark_style = "monokai"
