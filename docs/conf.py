"""How Sphinx makes the site; `python -m course.classroom.site` lays the sources out and then runs Sphinx with this.

Nothing on the site is fetched from anywhere else: no fonts, no mathematics, no scripts for widgets, no counting of
visitors.
"""

project = "Completely Free?"
author = "The Completely Free? maintainers"
copyright = "The Completely Free? maintainers. Text: CC BY 4.0. Code: BSD 3-Clause"  # noqa: A001 - Sphinx's name for it
language = "en"

extensions = ["myst_nb"]
myst_heading_anchors = 3

# The lessons come with their outputs; a widget is there as words, so no script for it is asked of the network.
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}
nb_code_prompt_show = "Show what it gives"
nb_code_prompt_hide = "Hide what it gives"

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_theme_options = {
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "search_bar_text": "Search the course",
    "toc_title": "On this page",
    # The search stands in the sidebar; a bar above everything would only say it again.
    "navbar_persistent": [],
}
