"""Beside an exercise's questions: hints one at a time, rubrics for both sides, and the ratings that count."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from course import EvidenceBoard, Judgement, Ledger
from course.checks.exercise import expect_coherent, handed_in, hint, rubric
from course.checks.expect import NotAnswered, NotYet
from course.weighing.coherence import without_reason

RATED = Judgement("S09", "F", "C", 3, "direct", "strong against", "Abrahms", "He says some remain.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    level = {"marks": 0, "earned": "is missing.", "anchor": "Nothing."}
    beside = {
        "exercise": "06",
        "hints": {"Q1": ["Look.", "Multiply.", "Begin with 0.7."]},
        "rubrics": {
            "Q2": {"about": "Another claim.", "levels": [level]},
            "Q3": {"about": "Another claim.", "words": [50, 100], "minutes": 8, "levels": [level]},
        },
    }
    (tmp_path / "exercise.json").write_text(json.dumps(beside), encoding="utf-8")
    return tmp_path


def output_of(action: Callable[[], object]) -> str:
    with redirect_stdout(StringIO()) as printed:
        action()
    return printed.getvalue()


def frozen(ledger: Ledger) -> str:
    """What a notebook holds after the board froze: the value of the literal it wrote."""
    names: dict[str, str] = {}
    exec(output_of(EvidenceBoard("F", ledger=ledger).freeze), names)
    return names["frozen"]


def with_ratings(folder: Path | None, *judgements: Judgement) -> Ledger:
    ledger = Ledger() if folder is None else Ledger.open(folder / "ledger.json")
    for judgement in judgements:
        ledger.judge(judgement)
    return ledger


# --- hints -----------------------------------------------------------------------------------------------------------


def test_hints_open_one_at_a_time_and_the_ledger_knows(folder: Path) -> None:
    assert 'try hint("Q1", 1) first' in output_of(lambda: hint("Q1", 2, folder=folder))
    assert output_of(lambda: hint("Q1", 1, folder=folder)) == "Q1, hint 1 of 3: Look.\n"
    assert output_of(lambda: hint("Q1", 2, folder=folder)) == "Q1, hint 2 of 3: Multiply.\n"
    assert list(Ledger.open(folder / "ledger.json").hints) == [("06/Q1", 1), ("06/Q1", 2)]


def test_a_notebook_run_again_opens_no_further_hint(folder: Path) -> None:
    hint("Q1", folder=folder)
    before = (folder / "ledger.json").read_bytes()
    assert "Look." in output_of(lambda: hint("Q1", folder=folder))
    assert (folder / "ledger.json").read_bytes() == before


@pytest.mark.parametrize(("question", "number", "message"), [("Q9", 1, "There are for: Q1"), ("Q1", 4, "hints 1 to 3")])
def test_a_hint_that_is_not_there_is_said_and_nothing_is_recorded(
    folder: Path, question: str, number: int, message: str
) -> None:
    assert message in output_of(lambda: hint(question, number, folder=folder))
    assert not (folder / "ledger.json").exists()


def test_without_the_file_of_hints_the_message_says_where_it_belongs(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"exercise\.json is not in this folder"):
        hint("Q1", folder=tmp_path)


# --- rubrics ---------------------------------------------------------------------------------------------------------


def test_a_rubric_shows_each_mark_with_its_anchor(folder: Path) -> None:
    shown = rubric("Q2", folder=folder).data
    assert "Another claim." in shown
    assert "| 0 | is missing. | Nothing. |" in shown
    assert "Length" not in shown


def test_a_rubric_with_a_length_says_how_lines_and_words_count_and_how_long_it_takes(folder: Path) -> None:
    shown = rubric("Q3", folder=folder).data
    assert "Each line from 1 on earns one mark" in shown
    assert "Length: 50 to 100 words; one mark less below 40 or above 120. Time: about 8 minutes." in shown


# --- what is handed in -----------------------------------------------------------------------------------------------


def test_without_any_ratings_it_says_that_both_are_missing(tmp_path: Path) -> None:
    message = output_of(lambda: handed_in(None, folder=tmp_path))
    assert "no frozen copy in this notebook" in message
    assert "no ledger.json with ratings" in message
    assert not (tmp_path / "ledger.json").exists()


def test_the_ledger_counts_where_nothing_is_frozen(tmp_path: Path) -> None:
    with_ratings(tmp_path, RATED)
    assert "1 rating from ledger.json" in output_of(lambda: handed_in(None, folder=tmp_path))
    assert [judgement.statement for judgement in handed_in(None, folder=tmp_path).judgements("F")] == ["S09"]


def test_a_notebook_handed_in_alone_brings_its_ratings(tmp_path: Path) -> None:
    copy = frozen(with_ratings(None, replace(RATED, reason='He says "some", and c:\\temp is no reason. """')))
    (judgement,) = handed_in(copy, folder=tmp_path).judgements("F")
    assert judgement.reason == 'He says "some", and c:\\temp is no reason. """'


def test_the_frozen_copy_counts_and_what_differs_is_named(tmp_path: Path) -> None:
    copy = frozen(with_ratings(None, RATED, replace(RATED, statement="S11")))
    with_ratings(tmp_path, RATED, replace(RATED, statement="S11", reliability="F"), replace(RATED, statement="S30"))
    message = output_of(lambda: handed_in(copy, folder=tmp_path))
    assert "2 ratings from the frozen copy" in message
    assert "something else about S11, S30. The frozen copy counts." in message


def test_a_frozen_copy_that_says_the_same_as_the_ledger_is_no_matter(tmp_path: Path) -> None:
    copy = frozen(with_ratings(None, RATED))
    with_ratings(tmp_path, RATED)
    assert "something else" not in output_of(lambda: handed_in(copy, folder=tmp_path))


def test_a_broken_frozen_copy_gives_way_to_the_ledger_and_says_so(tmp_path: Path) -> None:
    with_ratings(tmp_path, RATED)
    message = output_of(lambda: handed_in('{"schema": 1, "judg', folder=tmp_path))
    assert "In the frozen copy in this notebook:" in message
    assert "1 rating from ledger.json" in message


def test_what_is_done_with_the_ratings_leaves_the_file_alone(tmp_path: Path) -> None:
    with_ratings(tmp_path, RATED)
    before = (tmp_path / "ledger.json").read_bytes()
    handed_in(None, folder=tmp_path).judge(replace(RATED, reliability="A"))
    assert (tmp_path / "ledger.json").read_bytes() == before


def test_answers_alone_are_handed_in_too(tmp_path: Path) -> None:
    """A timeline's doubts are no ratings, and still what somebody handed in."""
    ledger = Ledger()
    ledger.answer("timeline/doubted/E27", "It was a Thursday.")
    message = output_of(lambda: handed_in(frozen(ledger), folder=tmp_path))
    assert "no ratings yet. What counts: 1 answer from the frozen copy" in message
    assert handed_in(frozen(ledger), folder=tmp_path).answers == ledger.answers
    rated = with_ratings(tmp_path, RATED)
    assert handed_in(frozen(ledger), folder=tmp_path).judgements() == rated.judgements()


# --- coherence -------------------------------------------------------------------------------------------------------


def test_nothing_rated_is_not_answered_and_says_where_ratings_were_looked_for() -> None:
    with pytest.raises(NotAnswered, match=r"no frozen copy in this notebook, and no ledger\.json"):
        expect_coherent("Reasons", Ledger(), "F", ["S09"])


def test_ratings_for_another_reading_only_are_named() -> None:
    with pytest.raises(NotAnswered, match=r"No ratings for reading F yet, only for T\."):
        expect_coherent("Reasons", with_ratings(None, replace(RATED, reading="T")), "F", ["S09"])


def test_what_is_still_to_rate_is_named_with_its_missing_parts() -> None:
    ledger = with_ratings(None, replace(RATED, credibility=None, bearing=None))
    with pytest.raises(NotYet, match=r"still to rate for reading F: S09 \(credibility, bearing\), S11\."):
        expect_coherent("Reasons", ledger, "F", ["S09", "S11"])


def test_every_finding_is_told_at_once() -> None:
    bare = replace(RATED, reason="")
    ledger = with_ratings(None, bare, replace(bare, statement="S11"))
    with pytest.raises(NotYet, match=r"^S09 and S11 have a weight and no reason"):
        expect_coherent("Reasons", ledger, "F", ["S09"], without_reason)


def test_ratings_that_hang_together_pass_whatever_they_say() -> None:
    for bearing in ("decisive for", "decisive against", "none"):
        ledger = with_ratings(None, replace(RATED, bearing=bearing))
        assert "fits together" in output_of(lambda: expect_coherent("Reasons", ledger, "F", ["S09"], without_reason))  # noqa: B023 - called here
