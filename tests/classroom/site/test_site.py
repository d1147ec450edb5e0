"""The site: built from the checkout's own files, whole in itself, readable by everyone."""

from __future__ import annotations

import csv
import json
import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from course.case import Case
from course.classroom.site import links
from course.classroom.site.build import SiteError, build
from course.classroom.site.places import Places
from course.classroom.site.readme import with_table

ROOT = Path(__file__).resolve().parents[3]
CASE = Case.load()
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = ["index.html", "lessons/00-start-here.html", "data.html"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with one lesson run, without the live JupyterLab."""
    before = contents()
    folder = build(ROOT, tmp_path_factory.mktemp("site") / "made", repository="someone/course", run=["00"], live=False)
    assert contents() == before, "building writes nothing into the checkout"
    return folder


def contents() -> dict[Path, bytes]:
    """Return what the site is made of."""
    folders = (ROOT / name for name in ("docs", "notebooks", "data"))
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def text(site: Path, page: str) -> str:
    return (site / page).read_text(encoding="utf-8")


# --- what is on it ----------------------------------------------------------------------------------------------------


def test_every_page_of_the_checkout_is_on_it(site: Path) -> None:
    docs = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    lessons = {f"lessons/{path.stem}.html" for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}
    there = {path.relative_to(site).as_posix() for path in links.pages(site)}
    assert docs | lessons | {"verbs.html"} <= there


def test_github_pages_leaves_nothing_out(site: Path) -> None:
    assert (site / ".nojekyll").is_file()


def test_the_home_page_has_three_doors_and_every_lesson(site: Path) -> None:
    home = text(site, "index.html")
    for door in ("students", "instructors", "self-learners"):
        assert f'<section id="{door}">' in home
    for lesson in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
        assert f'href="lessons/{lesson.stem}.html"' in home


def test_the_dictionary_says_of_every_column_what_it_means_and_of_every_table_where_it_is_from(site: Path) -> None:
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text(site, "data.html")))
    packages = [ROOT / "data" / "case-2017", ROOT / "course" / "case" / "tables"]
    described = [json.loads((folder / "datapackage.json").read_text(encoding="utf-8")) for folder in packages]
    for table in [table for package in described for table in package["resources"]]:
        assert shown(table["title"]) in words
        for source in [*table["sources"], *table["licenses"]]:
            assert shown(source["title"]) in words
        for column in table["schema"]["fields"]:
            assert shown(column["description"]) in words, column["name"]


def shown(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_the_glossary_has_every_word(site: Path) -> None:
    page = text(site, "glossary.html")
    assert page.count("<dt ") == len(CASE.rows("glossary"))


def test_a_lesson_shows_its_outputs_with_charts_as_described_pictures(site: Path) -> None:
    lesson = text(site, "lessons/00-start-here.html")
    pictures = re.findall(r'<img alt="([^"]*)" src="data:image/svg\+xml', lesson)
    assert len(pictures) == 1
    assert all(len(description.split()) > 15 for description in pictures)
    assert "Progress</strong> is a tool" in lesson
    assert "0 of 9 lessons done" in lesson


def test_what_follows_a_prediction_is_closed_until_one_has_guessed(site: Path) -> None:
    lesson = text(site, "lessons/00-start-here.html")
    notebook = json.loads((ROOT / "notebooks" / "00-start-here.ipynb").read_text(encoding="utf-8"))
    asked = sum("**Predict:**" in "".join(cell["source"]) for cell in notebook["cells"])
    assert len(re.findall(r'<details class="[^"]*\bhide\b', lesson)) == asked


# --- links ------------------------------------------------------------------------------------------------------------


def test_every_link_leads_somewhere(site: Path) -> None:
    assert links.broken(site) == []


def test_it_leads_outside_only_to_addresses_that_are_listed(site: Path) -> None:
    with (ROOT / "docs" / "addresses.csv").open(encoding="utf-8", newline="") as file:
        listed = tuple(row["address"] for row in csv.DictReader(file))
    outside = {
        address
        for page in links.pages(site).values()
        for address in page.leads_to
        if address.startswith(("http:", "https:"))
    }
    assert {
        address for address in outside if not re.sub(r"^https?://(www\.)?", "", address).startswith(listed)
    } == set()


def test_a_broken_link_and_a_borrowed_script_are_found(tmp_path: Path) -> None:
    parts = ["<a href=gone.html>", "<a href=#gone>", "<a href=#here id=here>", "<script src=//a.example/b.js>"]
    (tmp_path / "index.html").write_text("".join(parts), encoding="utf-8")
    assert sorted(links.broken(tmp_path)) == [
        "index.html: #gone leads to no place on that page.",
        "index.html: gone.html leads to nothing.",
        "index.html: takes //a.example/b.js from elsewhere.",
    ]


def test_binder_is_linked_only_where_it_is_known_what_to_launch() -> None:
    pages = {"notebooks/01.ipynb": "lessons/01.ipynb", "docs/index.md": "index.md"}
    nowhere, somewhere, live = Places(pages), Places(pages, "someone/course"), Places(pages, live=True)
    assert nowhere.binder_at("notebooks/01.ipynb") == ""
    assert somewhere.binder_at("notebooks/01.ipynb").endswith(
        "/someone/course/HEAD?urlpath=lab%2Ftree%2Fnotebooks%2F01.ipynb"
    )
    exercise = "the [exercise](../exercises/01/01.ipynb)"
    assert nowhere.relink(exercise, "notebooks/01.ipynb") == "the exercise"
    assert "someone/course/blob/HEAD/exercises/01/01.ipynb" in somewhere.relink(exercise, "notebooks/01.ipynb")
    assert '"../lite/lab/index.html?path=exercises/01/01.ipynb"' in live.relink(exercise, "notebooks/01.ipynb")
    assert nowhere.relink("[01](../notebooks/01.ipynb#x)", "docs/index.md") == "[01](lessons/01.ipynb#x)"


def test_the_readme_lists_the_lessons_and_launches_them_where_it_is_known_what_to_launch(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_table(text, ROOT) == text, "make launch"
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "site.toml").write_text('repository = "someone/course"', encoding="utf-8")
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")

    launched = with_table(text, tmp_path)

    lessons = sorted(path.name for path in (ROOT / "notebooks").glob("0*.ipynb"))
    opened = re.findall(r"/someone/course/HEAD\?urlpath=lab%2Ftree%2Fnotebooks%2F([^\"]*)", launched)
    assert opened == lessons
    assert [name for name in lessons if f"](notebooks/{name})" not in text] == []
    with pytest.raises(ValueError, match="has lost the comments"):
        with_table("# Another README", tmp_path)


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SiteError, match="left alone"):
        build(ROOT, tmp_path, live=False)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 320)])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_is_cut_off(
    page: Page, address: str, name: str, theme: Literal["light", "dark"], width: int
) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/{name}")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
    results = Axe().run(page, options={"runOnly": WCAG})
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_one_button_opens_all_results_and_the_search_finds_a_word(page: Page, address: str) -> None:
    page.goto(f"{address}/lessons/00-start-here.html")
    picture = page.get_by_role("img", name="The record ends before the claim").first
    expect(picture).to_be_hidden()
    page.get_by_role("button", name="Open all results").click()
    expect(picture).to_be_visible()
    page.goto(f"{address}/search.html?q=decibans")
    expect(page.locator("#search-results a").first).to_be_visible()
