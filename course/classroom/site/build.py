"""Build the site: lay out its sources, run Sphinx, put the live JupyterLab beside it, and check every link."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from course.case import Case
from course.classroom.lite import pages
from course.classroom.site import lessons, links, tables
from course.classroom.site.lessons import Lesson
from course.classroom.site.places import Places

MADE_HERE: Final = "searchindex.js"
"""By this file a folder is known for a site, which the next build may replace."""

HOME: Final = "index.md"

COURSE_TABLES: Final = Path("course", "case", "tables")
"""Where the scales and the glossary are, which belong to no case."""

IN_BROWSER: Final = """\
*In your browser alone* needs no installation. Starting takes a while the first time, because Python itself is loaded,
all of it from this site. What you write is kept in this browser: download your ledger before you leave a machine that
is not yours.
"""


class SiteError(Exception):
    """The site cannot be built. The message says why, and what to do."""


def build(
    root: Path, output: Path, *, repository: str | None = None, run: Sequence[str] | None = None, live: bool = True
) -> Path:
    """Build the site and return its folder.

    Parameters
    ----------
    root : pathlib.Path
        The checkout.
    output : pathlib.Path
        Where the site goes. A site that is there is replaced whole, once the new one is sound.
    repository : str, optional
        ``owner/name``. Default: as ``docs/site.toml`` says.
    run : sequence of str, optional
        The numbers of the lessons to run; the others are shown without outputs. Default: all.
    live : bool
        Whether JupyterLab for the browser alone is built into the site, at ``lite/``.

    Raises
    ------
    SiteError
        If something else is in the output folder, Sphinx finds fault with a source, or a link leads to nothing.
    """
    if not pages.is_free(output, MADE_HERE):
        raise SiteError(f"{output} holds something that is no such site, so it is left alone. Name another folder.")
    with tempfile.TemporaryDirectory() as name:
        sources, site = Path(name, "sources"), Path(name, "site")
        _lay(root, sources, _places(root, launched_from(root) if repository is None else repository, live), run)
        _run_sphinx(root / "docs", sources, site)
        if live:
            _build_live(root, site / links.LIVE)
        if wrong := links.broken(site):
            raise SiteError("\n".join(["Links of the site are broken:", *wrong]))
        # GitHub Pages leaves out folders such as _static unless this file is there.
        (site / ".nojekyll").touch()
        pages.put(site, output)
    return output


def launched_from(root: Path) -> str:
    """Return the ``owner/name`` that ``docs/site.toml`` gives; empty if it gives none."""
    return str(tomllib.loads((root / "docs" / "site.toml").read_text(encoding="utf-8"))["repository"])


def _places(root: Path, repository: str, live: bool) -> Places:
    """Find what is on the site: every page in docs/, the lessons, the sheet of verbs and the data."""
    docs = {path.relative_to(root).as_posix(): path.relative_to(root / "docs").as_posix() for path in _docs(root)}
    data = {path.relative_to(root).as_posix(): f"data/{path.parent.name}/{path.name}" for path in _tables(root)}
    notebooks = {lesson.name: f"lessons/{Path(lesson.name).name}" for lesson in lessons.course(root)}
    return Places({**docs, **data, **notebooks, "notebooks/verbs.md": "verbs.md"}, repository, live)


def _tables(root: Path) -> list[Path]:
    folders = [*sorted((root / "data").iterdir()), root / COURSE_TABLES]
    return [path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.is_file()]


def _docs(root: Path) -> list[Path]:
    return [path for kind in ("*.md", "*.csv", "*.png") for path in sorted((root / "docs").rglob(kind))]


def _lay(root: Path, sources: Path, places: Places, run: Sequence[str] | None) -> None:
    """Write the sources: what stands in the checkout with its links set right, and what is made from the tables."""
    course = lessons.course(root)
    numbered = {lesson.number: places.pages[lesson.name] for lesson in course}
    generated = {
        "docs/index.md": _contents(course, places),
        "docs/instructor/index.md": _tree("", _beside("instructor/", places)),
        "docs/glossary.md": tables.glossary(root / COURSE_TABLES, numbered),
        "docs/data.md": "\n".join(
            tables.dictionary(folder, f"data/{folder.name}")
            for folder in (root / "data" / Case.load().folder.name, root / COURSE_TABLES)
        ),
    }
    for name, place in places.pages.items():
        (sources / place).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".md"):
            text = places.relink((root / name).read_text(encoding="utf-8"), name)
            (sources / place).write_text(f"{text}\n{generated.get(name, '')}", encoding="utf-8")
        elif not name.endswith(".ipynb"):
            shutil.copy(root / name, sources / place)
    # Each lesson has a kernel of its own, so they run side by side.
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for lesson, text in zip(course, workers.map(partial(_page, root, places, run), course), strict=True):
            (sources / places.pages[lesson.name]).write_text(text, encoding="utf-8")


def _page(root: Path, places: Places, run: Sequence[str] | None, lesson: Lesson) -> str:
    return lessons.page(root / lesson.name, lesson, places, run=run is None or lesson.number in run)


def _contents(course: Sequence[Lesson], places: Places) -> str:
    """Return the table of the lessons for the home page, and the site's order."""
    read = ["verbs.md", "glossary.md", "data.md", *_articles(places), "references.md", "your-own-case.md"]
    read += ["commands.md", "where-it-runs.md"]
    others = [page for page in _beside("", places) if page not in read]
    trees = [
        _tree("Lessons", [places.pages[lesson.name] for lesson in course]),
        _tree("To look things up", read),
        _tree("For instructors", ["instructor/index.md", *others]),
    ]
    opening = ["## The lessons", "", lessons.table(course, places, HOME), ""]
    return "\n".join([*opening, *([IN_BROWSER] if places.live else []), *trees])


def _articles(places: Places) -> list[str]:
    """Return the pages that retell the article of a case."""
    return [place for place in places.pages.values() if place.startswith("data/") and place.endswith(".md")]


def _beside(folder: str, places: Places) -> list[str]:
    """Return the pages directly in a folder of the site, without its first."""
    return [
        place
        for place in places.pages.values()
        if place.endswith(".md") and place.startswith(folder) and "/" not in place.removeprefix(folder)
        if place != f"{folder}{HOME}"
    ]


def _tree(caption: str, pages: Sequence[str]) -> str:
    """Return Sphinx's list of the pages below a page, by their places on the site."""
    names = [Path(page).with_suffix("").as_posix() for page in pages]
    options = [f":caption: {caption}"] if caption else []
    return "\n".join(["```{toctree}", ":hidden:", *options, "", *(f"/{name}" for name in names), "```", ""])


def _run_sphinx(settings: Path, sources: Path, site: Path) -> None:
    command = [
        *(sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--builder", "html"),
        *("--conf-dir", str(settings), "--doctree-dir", str(sources.parent / "doctrees"), str(sources), str(site)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SiteError(f"Sphinx finds fault with the sources:\n{(done.stdout + done.stderr).strip()[-4000:]}")


def _build_live(root: Path, output: Path) -> None:
    from course.classroom.lite import build as lite
    from course.classroom.lite.lock import BrowserSiteError

    try:
        lite.build(root, output)
    except BrowserSiteError as error:
        raise SiteError(f"{error}\nTo build the site without JupyterLab in it, add --without-lab.") from error
