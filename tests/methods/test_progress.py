"""Progress counts what a ledger holds, says what is missing, and loses nothing in taking a ledger in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.case import Case
from course.ledger import Ledger, LedgerError
from course.ledger.judgement import Judgement
from course.methods import progress
from course.methods.progress import LESSONS, PARTS, Held, PartProgress, changes_since_download, download, import_text
from tests.strategies import judgements

# What each lesson's tools keep, so that every part is done.
COMPLETE: dict[str, Any] = {
    "00/note": "It works.",
    "claim/entered": "C03",
    "claim/because": "The general said it first.",
    "claim/wording": "No ground, no unit, no fighter.",
    **{f"source/s{n}": {"reliability": "C", "interest": "to look good", "because": ""} for n in range(6)},
    **{f"item/S{n:02d}": {"credibility": 3, "origin": "Russian command"} for n in range(12)},
    "scope/settings": {"base": "Syria"},
    "scope/assumption": {"low": 0.3, "high": 0.7, "unchanged": False, "because": "About half of it was there."},
    "timeline/settings": {"clock": "2017-12-11"},
    "timeline/doubted/E27": "One report dates it a day later.",
    "05/shows": "Events in every week.",
    "05/not-shown": "Who held the ground.",
    **{f"matrix/T/S{n:02d}": "CC" for n in range(6)},
    "06/word-then": "unlikely",
    "06/change-my-mind": "A visit.",
    "verdict/then": {"likelihood": "unlikely", "confidence": "low"},
    "verdict/since": {"likelihood": "almost no chance", "confidence": "high"},
    "verdict/headline": "Not so free",
    "verdict/summary": "Some remained.",
    "verdict/citations": ["S09", "S11"],
    "08/reading": "W",
    "08/word": "likely",
}


def complete() -> Ledger:
    ledger = Ledger()
    for key, value in COMPLETE.items():
        ledger.answer(key, value)
    for n in range(6):
        ledger.judge(Judgement(f"S{n:02d}", "F", "C", 3, "direct", "slight for", "RT", "They say so."))
    for n in range(2):
        ledger.judge(Judgement(f"S{n:02d}", "W", bearing="none"))
    return ledger


def standing(ledger: Ledger) -> tuple[PartProgress, ...]:
    return progress.standings(Held.of(ledger))


def test_every_lesson_leaves_something_and_suggests_what_the_case_has() -> None:
    case = Case.load()
    known = {str(row["id"]) for table in ("sources", "statements") for row in case.rows(table)} | {"then", "since"}
    assert {part.lesson for part in PARTS} == set(LESSONS)
    for part in PARTS:
        first = case.subject.start_with[part.first] if part.first else part.suggested
        assert set(first) <= known
        assert ("{}" in part.todo) == bool(first)
        assert len(first) in (0, part.wanted)


def test_an_empty_ledger_lacks_everything_and_a_full_one_nothing() -> None:
    assert not any(part.there or part.done for part in standing(Ledger()))
    assert progress.next_step(standing(Ledger())) == "Next, in 00-start-here.ipynb: write your note."
    assert all(part.done for part in standing(complete()))
    assert progress.next_step(standing(complete())) == "Every lesson has left what it should in your ledger."


def test_a_lesson_is_put_in_words_with_the_next_thing_to_do() -> None:
    ledger = Ledger()
    ledger.answer("source/putin", {"reliability": "C", "interest": "to be the victor", "because": ""})
    ledger.answer("item/S09", {"credibility": None, "origin": "Abrahms"})
    named = progress.standings(Held.of(ledger), {"rudskoi": "Sergei Rudskoi"})
    assert progress.describe_lesson("02", named) == (
        "1 of 6 sources rated with their interest, 0 of 6 statements rated, "
        "1 of 12 statements put into an origin. Next: rate Sergei Rudskoi and name the interest."
    )
    assert progress.describe_lesson("00", standing(ledger)) == "No note of your own yet. Next: write your note."
    assert progress.describe_lesson("00", standing(complete())) == "A note of your own. All there."


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("00/note", "   "),
        ("source/putin", {"reliability": "Z", "interest": "to win"}),
        ("source/putin", {"reliability": ["C"], "interest": "to win"}),
        ("source/putin", {"reliability": "C", "interest": ""}),
        ("item/S09", "Abrahms"),
        ("matrix/T/S09", {"cell": "CC"}),
        ("matrix/T/S09", "??"),
        ("matrix/settings", "CC"),
        ("verdict/then", {"likelihood": "", "because": "x"}),
        ("verdict/citations", {"S09": True}),
        ("verdict/citations", [["S09"], 9]),
        ("timeline/doubted/E27", ""),
        ("claim/entered", None),
        ("scope/assumption", {"low": 0.0, "high": 1.0, "unchanged": False, "because": ""}),
    ],
)
def test_what_is_empty_or_odd_does_not_count(key: str, value: Any) -> None:
    ledger = Ledger()
    ledger.answer(key, value)
    assert not any(part.there for part in standing(ledger))


def test_a_rating_without_a_reason_or_not_complete_is_not_weighed_yet() -> None:
    ledger = Ledger()
    ledger.judge(Judgement("S08", "F", "C", 3, "direct", "slight for"))
    ledger.judge(Judgement("S09", "F", "C", reason="Half done."))
    assert {part.there for part in standing(ledger)} == {0}


def test_changes_are_counted_from_the_last_download() -> None:
    ledger = Ledger()
    ledger.answer("00/note", "It works.")
    assert changes_since_download(ledger) == 1
    copy = Ledger.loads(download(ledger))
    assert changes_since_download(ledger) == changes_since_download(copy) == 0
    ledger.answer("00/note", "It still works.")
    ledger.judge(Judgement("S09", "F"))
    ledger.open_hint("06/Q1", 1)
    ledger.answer("progress/show", "every")
    assert changes_since_download(ledger) == 3
    download(ledger)
    ledger.withdraw("S09", "F")
    assert changes_since_download(ledger) == 1


@pytest.mark.parametrize("odd", [None, 7, "yesterday", ["2026-01-01"], ""])
def test_an_odd_note_of_the_download_counts_as_none(odd: Any) -> None:
    ledger = Ledger()
    ledger.answer("00/note", "It works.")
    ledger.answer("progress/downloaded", odd)
    assert progress.downloaded_at(ledger.answers) == ""
    assert changes_since_download(ledger) == 1


def test_a_download_holds_everything_even_after_a_clock_was_put_back() -> None:
    ahead = json.loads(complete().dumps())
    for entry in (*ahead["judgements"], *ahead["answers"]):
        entry["updated"] = "2090-01-01T00:00:00.000000+00:00"
    ledger = Ledger.loads(json.dumps(ahead))
    download(ledger)
    assert changes_since_download(ledger) == 0


def test_taking_in_says_what_came_of_it_and_keeps_the_older_aside() -> None:
    mine, theirs = Ledger(), Ledger()
    mine.answer("00/note", "mine, older")
    theirs.answer("00/note", "theirs, newer")
    theirs.answer("06/word-then", "unlikely")
    theirs.judge(Judgement("S09", "F", "B"))
    theirs.judge(Judgement("S11", "F", "B"))
    mine.judge(Judgement("S11", "F", "C"))
    theirs.open_hint("06/Q1", 1)
    assert import_text(mine, theirs.dumps()) == (
        "1 judgement, 2 answers and 1 opened hint imported; "
        "2 differed: the newer one counts, the older one is kept aside."
    )
    assert mine.answers["00/note"] == "theirs, newer"
    assert [judgement.reliability for judgement in mine.judgements("F")] == ["B", "C"]
    assert len(mine.withdrawn) == 2


def test_what_was_taken_back_elsewhere_is_said() -> None:
    mine = Ledger()
    mine.judge(Judgement("S09", "F", "B"))
    theirs = Ledger.loads(mine.dumps())
    theirs.withdraw("S09", "F")
    assert "1 of yours had been deleted there and is kept aside here" in import_text(mine, theirs.dumps())
    assert mine.judgements() == ()


def test_a_download_from_elsewhere_does_not_vouch_for_what_only_this_ledger_has() -> None:
    mine, theirs = Ledger(), Ledger()
    mine.answer("00/note", "only here")
    theirs.answer("06/word-then", "unlikely")
    text = download(theirs)
    import_text(mine, text)
    assert changes_since_download(mine) == 2
    fresh = Ledger()
    import_text(fresh, text)
    assert changes_since_download(fresh) == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        '{"cells": [], "nbformat": 4}',
        '{"data": [{"key": "00/note", "value": "from another kind of file"}]}',
        '{"judgements": "none"}',
    ],
)
def test_what_is_no_ledger_is_refused_in_words(text: str) -> None:
    ledger = complete()
    before = ledger.dumps()
    with pytest.raises(LedgerError, match=r"not a ledger.*course-ledger"):
        import_text(ledger, text)
    assert ledger.dumps() == before


def test_half_a_ledger_is_taken_in_as_far_as_it_can_be_read_and_that_is_said() -> None:
    text = complete().dumps()
    result = import_text(mine := Ledger(), text[: len(text) // 2])
    assert "imported" in result
    assert "could not be read as it stands" in result
    assert mine.judgements()


def test_a_text_that_is_too_large_is_refused_with_both_sizes() -> None:
    with pytest.raises(LedgerError, match=r"6\.0 MB.*at most 5 MB"):
        import_text(Ledger(), " " * 6_000_000)


@pytest.mark.parametrize(
    ("environment", "platform", "place"),
    [
        ({"BINDER_LAUNCH_HOST": "https://mybinder.org/"}, "linux", "Binder"),
        ({"COLAB_RELEASE_TAG": "release"}, "linux", "Google Colab"),
        ({}, "emscripten", "this browser"),
        ({"JUPYTERHUB_USER": "ada"}, "linux", ""),
        ({}, "linux", ""),
    ],
)
def test_only_what_is_certain_to_go_away_is_called_temporary(
    environment: dict[str, str], platform: str, place: str
) -> None:
    assert progress.temporary_place(environment, platform) == place


def test_whose_parts_are_looked_at_is_read_leniently() -> None:
    for kept, first, count in (("every", "00", len(PARTS)), ("02", "02", 3), ("99", "00", 1), ([], "00", 1)):
        shown = progress.within(progress.span_shown({"progress/show": kept}), standing(Ledger()))
        assert (shown[0].part.lesson, len(shown)) == (first, count)


# --- whatever a learner has, taking in loses nothing -----------------------------------------------------------

KEYS = st.sets(st.sampled_from([*COMPLETE]), max_size=12)
ANSWERS = st.dictionaries(
    st.sampled_from([*COMPLETE, "board/settings", "progress/show"]), st.none() | st.text("ab "), max_size=5
)
JUDGED = st.lists(
    st.one_of([judgements(reading=reading, complete=False) for reading in Case.load().subject.readings]), max_size=5
)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """A ledger with some history: parts of a complete one, odd answers, things taken back, perhaps a download."""
    ledger = Ledger()
    for key in draw(KEYS):
        ledger.answer(key, COMPLETE[key])
    if draw(st.booleans()):
        download(ledger)
    for key, value in draw(ANSWERS).items():
        ledger.answer(key, value)
    for judgement in draw(JUDGED):
        ledger.judge(judgement)
    for judgement in ledger.judgements():
        if draw(st.integers(0, 3)) == 0:
            ledger.withdraw(judgement.statement, judgement.reading)
    if draw(st.booleans()):
        ledger.open_hint("06/Q1", draw(st.integers(1, 3)))
    return ledger


@given(ledgers(), ledgers())
def test_taking_in_twice_is_taking_in_once(mine: Ledger, theirs: Ledger) -> None:
    text = theirs.dumps()
    import_text(mine, text)
    once = mine.dumps()
    assert import_text(mine, text).startswith("Nothing in it is newer")
    assert mine.dumps() == once


@given(ledgers())
def test_taking_in_your_own_download_changes_nothing(mine: Ledger) -> None:
    text = download(mine)
    before = mine.dumps()
    import_text(mine, text)
    assert mine.dumps() == before


@given(ledgers(), st.data())
def test_taking_in_an_earlier_copy_never_lowers_a_count_nor_hides_a_change(mine: Ledger, data: st.DataObject) -> None:
    """What was downloaded is a copy of an earlier state: whatever was done since stays."""
    text = download(mine)
    for key in data.draw(KEYS):
        mine.answer(key, COMPLETE[key])
    before, unsaved = [part.there for part in standing(mine)], changes_since_download(mine)
    import_text(mine, text)
    assert [part.there for part in standing(mine)] == before
    assert changes_since_download(mine) == unsaved


@given(KEYS, KEYS)
def test_what_somebody_did_elsewhere_never_lowers_a_count(here: set[str], there: set[str]) -> None:
    mine, theirs = Ledger(), Ledger()
    for keys, ledger in ((here, mine), (there, theirs)):
        for key in sorted(keys):
            ledger.answer(key, COMPLETE[key])
    before, unsaved = [part.there for part in standing(mine)], changes_since_download(mine)
    import_text(mine, download(theirs))
    after = [part.there for part in standing(mine)]
    assert all(new >= max(old, own.there) for old, new, own in zip(before, after, standing(theirs), strict=True))
    assert changes_since_download(mine) >= unsaved
