"""A case of one's own: what is laid out works at once, and what is wrong is named by file, row and column."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frictionless import validate
from typer.testing import CliRunner

from course.case import Case, CaseError
from course.case.authoring import AuthoringError, check_case, new_case
from course.case.shape import TEMPLATE
from course.cli import app

POLIO = Path(__file__).with_name("polio")
REVIEW: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "ClaimReview",
    "url": "https://example.org/check",
    "claimReviewed": "Drinking hot water cures the flu.",
    "datePublished": "2020-03-10T10:00:00Z",
    "author": {"@type": "Organization", "name": "Example Facts"},
    "reviewRating": {"@type": "Rating", "alternateName": "False"},
    "itemReviewed": {"@type": "Claim", "author": {"name": "A chain message"}, "datePublished": "2020-03-02"},
}


def course(*arguments: str) -> tuple[int, str]:
    """Run the command; return its exit code and what it prints."""
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.output


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    new_case(tmp_path / "mine")
    return tmp_path / "mine"


def change(folder: Path, table: str, row: int, column: str, text: str) -> None:
    """Write a text into a cell; `row` as a spreadsheet counts."""
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    rows[row - 1][rows[0].index(column)] = text
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def describe(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    edit(package)
    path.write_text(json.dumps(package), encoding="utf-8")


# --- laying one out ---------------------------------------------------------------------------------------------------


def test_what_is_laid_out_is_valid_for_the_course_and_for_frictionless(laid_out: Path) -> None:
    assert check_case(laid_out) == ()
    assert validate(str(laid_out / "datapackage.json")).valid
    assert Case.load(laid_out).subject.name == "mine"
    assert {path.name for path in laid_out.iterdir()} == {path.name for path in TEMPLATE.iterdir() if path.is_file()}


def test_the_tables_open_in_a_spreadsheet_with_their_letters_intact(laid_out: Path) -> None:
    for path in laid_out.glob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf"), path.name


def test_the_guide_names_every_file_and_every_part_of_the_claim(laid_out: Path) -> None:
    guide = (laid_out / "README.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in guide for path in laid_out.iterdir() if path.name != "README.md")
    for folder in (laid_out, POLIO, Case.load().folder):
        claim = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["claim"]
        assert all(f"`{part}`" in guide for part in claim if part != "practice"), folder


def test_the_command_says_what_it_made_and_what_comes_next(tmp_path: Path) -> None:
    code, said_by_it = course("new-case", str(tmp_path / "mine"))
    assert code == 0
    assert "10 files in" in said_by_it
    assert f"course check-case {tmp_path / 'mine'}" in said_by_it.replace("\n", "")
    code, said_by_it = course("check-case", str(tmp_path / "mine"))
    assert (code, said_by_it) == (0, "The case can be used. Open my-case.ipynb and run it.\n")


def test_a_folder_that_has_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    code, said_by_it = course("new-case", str(tmp_path))
    assert code == 2
    assert "is not an empty folder" in said_by_it
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(AuthoringError, match="is not an empty folder"):
        new_case(tmp_path / "mine.txt")


# --- from a ClaimReview -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        lambda review: review,
        lambda review: [review],
        lambda review: {"@graph": [{"@type": "WebPage"}, review | {"@type": ["ClaimReview", "Thing"]}]},
    ],
    ids=["alone", "in a list", "in a graph"],
)
def test_a_claimreview_begins_a_case(tmp_path: Path, form: Callable[[dict[str, Any]], object]) -> None:
    (tmp_path / "review.json").write_text(json.dumps(form(REVIEW)), encoding="utf-8")
    new_case(tmp_path / "mine", tmp_path / "review.json")
    assert check_case(tmp_path / "mine") == ()
    assert validate(str(tmp_path / "mine" / "datapackage.json")).valid
    case = Case.load(tmp_path / "mine")
    assert case.subject.claim == REVIEW["claimReviewed"]
    assert (f"{case.subject.said_on}", f"{case.subject.known_until}") == ("2020-03-02", "2020-03-10")
    assert [row["name"] for row in case.rows("sources")][:2] == ["A chain message", "Example Facts"]
    assert "Rates the claim: False." in {row["content"] for row in case.rows("statements")}
    assert "Exampleton" not in json.dumps([dict(row) for name in case.tables for row in case.rows(name)], default=str)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "review.json is not JSON (line 1"),
        ("<script>", "Copy all of what stands between"),
        ('{"@type": "Article"}', "there is no ClaimReview in it"),
        (json.dumps(REVIEW | {"claimReviewed": ""}), "claimReviewed is missing or empty"),
        (json.dumps(REVIEW | {"datePublished": "10 March"}), "datePublished is '10 March'. Write the day as"),
        (json.dumps(REVIEW | {"datePublished": "2020-03-01"}), "Correct the days"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_what_is_no_claimreview_is_refused_in_words_and_nothing_is_written(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "review.json").write_text(text, encoding="utf-8")
    code, said_by_it = course("new-case", str(tmp_path / "mine"), "--from-claimreview", str(tmp_path / "review.json"))
    assert code == 2
    assert why in said_by_it.replace("\n", " ")
    assert not (tmp_path / "mine").exists()


def test_a_claimreview_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuthoringError, match=r"none\.json cannot be read"):
        new_case(tmp_path / "mine", tmp_path / "none.json")


# --- checking one -----------------------------------------------------------------------------------------------------


def test_every_problem_is_named_by_file_row_and_column(laid_out: Path) -> None:
    change(laid_out, "claims", 3, "said_on", "3 May")
    change(laid_out, "claims", 3, "speaker", "nobody")
    change(laid_out, "quantities", 2, "qualifier", "roughly")
    code, said_by_it = course("check-case", str(laid_out))
    assert code == 1
    assert "claims.csv, row 3, column said_on: '3 May' is not a date. Write it as YYYY-MM-DD" in said_by_it
    assert "claims.csv, row 3, column speaker: 'nobody' is not in column id of sources.csv." in said_by_it
    assert "quantities.csv, row 2, column qualifier: 'roughly' is not one of its values." in said_by_it
    assert "3 problems." in said_by_it


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda package: package.pop("claim"), 'has no property "claim"'),
        (lambda package: package["claim"].pop("text"), 'claim: "text" is missing'),
        (lambda package: package["claim"].update(said_on="May"), "claim: \"said_on\" is 'May'. Write the day"),
        (lambda package: package["claim"].update(known_until="2024-05-01"), '"known_until" is before "said_on"'),
        (lambda package: package["claim"].update(reading="Z"), "claim: \"reading\" is 'Z'. Use one of: N, L, T"),
        (
            lambda package: package["claim"].update(place="town"),
            "claim: \"place\" is 'town'. Use one of: schools, homes",
        ),
        (lambda package: package["claim"].update(outlet="herald"), "claim: \"outlet\" is 'herald', which is no id"),
        (lambda package: package["claim"].update(rival={"id": "L", "text": "x"}), "so is a reading"),
        (lambda package: package["claim"].update(words={"place": ["("]}), "are no valid patterns"),
        (lambda package: package["claim"].update(words="lead"), "should hold a list of texts"),
        (lambda package: package["claim"].update(start_with={"figure": "Q99"}), "not all of that is there"),
        (lambda package: package["resources"][0]["schema"]["fields"].pop(11), "describes no column claims."),
        (
            lambda package: package["resources"][0]["schema"]["fields"][1].update(type="string"),
            "describes claims.said_on as string. The tools need date.",
        ),
        (
            lambda package: package["resources"][0]["schema"]["foreignKeys"].pop(0),
            "has no foreign key from claims.speaker to sources.id.",
        ),
        (
            lambda package: package["resources"][0]["schema"]["fields"][6]["constraints"].update(enum=["letter"]),
            "allows other values in claims.kind than the tools know.",
        ),
    ],
)
def test_a_description_that_the_tools_cannot_use_is_named(
    laid_out: Path, edit: Callable[[dict[str, Any]], object], why: str
) -> None:
    describe(laid_out, edit)
    problems = check_case(laid_out)
    assert any(problem.file == "datapackage.json" and why in problem.what for problem in problems), problems
    with pytest.raises(CaseError):
        Case.load(laid_out)


def test_a_folder_without_a_case_cannot_be_checked(tmp_path: Path) -> None:
    assert course("check-case", str(tmp_path / "none"))[0] == 2
    code, said_by_it = course("check-case", str(tmp_path))
    assert code == 2
    assert "so it is not a case" in said_by_it


def test_what_spreadsheets_change_does_no_harm(laid_out: Path) -> None:
    """Semicolons between cells, TRUE for true, and blank rows at the end."""
    before = Case.load(laid_out).rows("claims")
    path = laid_out / "claims.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    rows = [[cell.upper() if cell in ("true", "false") else cell for cell in row] for row in rows]
    rows.append([""] * len(rows[0]))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    assert Case.load(laid_out).rows("claims") == before


def test_the_cases_of_the_course_and_of_the_tests_have_what_every_case_needs() -> None:
    shipped = sorted(Case.load().folder.parent.glob("case-*"))
    for folder in (*shipped, POLIO, TEMPLATE):
        assert check_case(folder) == (), folder


def test_a_case_that_comes_with_the_course_is_known_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = Case.load()
    assert Case.load(shipped.folder.name).folder == shipped.folder
    # A copy of that name in this folder comes first.
    shutil.copytree(POLIO, tmp_path / shipped.folder.name)
    assert Case.load(shipped.folder.name).subject.name == "polio"
