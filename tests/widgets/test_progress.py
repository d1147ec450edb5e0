"""Progress by its plain methods, and what it answers its view."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from course.ledger import Ledger
from course.ledger.judgement import Judgement
from course.widgets.progress import Progress


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.json")


def sent_by(view: Progress, **message: Any) -> list[dict[str, Any]]:
    """What the widget sends when its view says this."""
    sent: list[dict[str, Any]] = []
    view.send = lambda content, buffers=None: sent.append(content)  # noqa: ARG005
    view._receive(view, {**message, "view": "v", "number": 1}, None)
    return sent


def state_of(view: Progress) -> dict[str, Any]:
    state: dict[str, Any] = view.get_state()["state"]
    return state


def test_it_says_what_is_there_and_what_to_do_next(ledger: Ledger) -> None:
    mine = Progress(ledger=ledger)
    assert mine.missing("02") == (
        "Lesson 02: 0 of 6 sources rated with their interest, 0 of 6 statements rated, "
        "0 of 12 statements put into an origin. Next: rate Vladimir Putin and name the interest."
    )
    assert mine.missing(2) == mine.missing("02")
    ledger.answer("00/note", "It works.")
    assert mine.next == "Next, in 01-the-claim.ipynb: mark where the claim became absolute."
    assert repr(mine) == f"Progress: 1 of 9 lessons done. {mine.next}"


@pytest.mark.parametrize("lesson", ["09", "the claim", "", 12, "²"])
def test_a_lesson_there_is_not_is_refused_with_those_there_are(ledger: Ledger, lesson: str | int) -> None:
    with pytest.raises(ValueError, match=r"00, 01, 02, 03, 04, 05, 06, 07, 08"):
        Progress(ledger=ledger).missing(lesson)
    with pytest.raises(ValueError, match=r"next, every, 00, 01"):
        Progress(ledger=ledger).show(str(lesson))


def test_the_table_and_the_view_tell_the_same(ledger: Ledger) -> None:
    ledger.answer("00/note", "It works.")
    mine = Progress(ledger=ledger)
    frame = mine.table()
    assert list(frame.columns) == ["lesson", "notebook", "part", "there", "wanted", "done"]
    assert frame["lesson"].nunique() == 9
    assert frame.set_index("part").loc["note of your own", "done"]
    mine.show("every")
    parts = state_of(mine)["parts"]
    assert [row[1] for row in parts] == list(frame["part"])
    assert [(row[2], row[3]) for row in parts] == [
        (str(a), str(b)) for a, b in zip(frame["there"], frame["wanted"], strict=True)
    ]
    assert state_of(mine)["lessons"]["00"]["share"] == 1


def test_whose_parts_are_shown_is_found_again(ledger: Ledger) -> None:
    Progress(ledger=ledger).show("06")
    again = Progress(ledger=Ledger.open(ledger.path or ""))
    assert state_of(again)["span"] == "06"
    assert {row[0] for row in state_of(again)["parts"]} == {"06-weighing.ipynb"}


def test_the_view_that_asked_gets_the_ledger_as_a_file(ledger: Ledger) -> None:
    ledger.answer("00/note", "It works.")
    mine = Progress(ledger=ledger)
    assert state_of(mine)["unsaved"]
    assert mine.saved == "Not downloaded yet; 1 change."
    file, repaint = sent_by(mine, type="download", to="me")
    assert (file["type"], file["to"], file["kind"]) == ("file", "me", "application/json")
    assert file["name"].startswith("course-ledger-20")
    assert file["name"].endswith(".json")
    assert Ledger.loads(file["text"]).answers["00/note"] == "It works."
    assert repaint["set"]["unsaved"] is False
    assert mine.saved.endswith("UTC; no changes since.")
    ledger.answer("00/note", "It still works.")
    assert mine.saved.endswith("UTC; 1 change since.")


def test_the_judgements_come_as_a_table_that_excel_reads(ledger: Ledger) -> None:
    ledger.judge(Judgement("S09", "F", "B", origin="Abrahms", reason="“Some”, he says."))
    file = sent_by(Progress(ledger=ledger), type="download_table", to="me")[0]
    assert file["name"].endswith(".csv")
    assert file["text"].startswith("\ufeffstatement,reading,")
    assert "“Some”, he says." in file["text"]


def test_a_download_is_taken_in_from_the_view_a_path_or_a_text(ledger: Ledger, tmp_path: Path) -> None:
    theirs = Progress(ledger=Ledger())
    theirs.ledger.answer("00/note", "from home")
    text = theirs.download_text()
    path = tmp_path / "course-ledger.json"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    for way in (text, path, str(path)):
        mine = Progress(ledger=Ledger())
        assert mine.merge(way) == "1 answer imported."
        assert mine.ledger.answers["00/note"] == "from home"
    mine = Progress(ledger=ledger)
    assert sent_by(mine, type="merge", text=text)[-1]["set"]["import_report"] == "1 answer imported."
    assert Ledger.open(ledger.path or "").answers["00/note"] == "from home"


def test_what_cannot_be_taken_in_is_refused_in_words_and_changes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    ledger.answer("00/note", "mine")
    mine = Progress(ledger=ledger)
    before = ledger.dumps()
    large = tmp_path / "large.json"
    large.write_bytes(b" " * 5_000_001)
    for wrong, why in (
        (tmp_path / "none.json", "none.json.*cannot be read.*path"),
        (tmp_path, "cannot be read"),
        ("hello", "'hello' cannot be read"),
        ("x" * 5000, "cannot be read"),
        (large, "larger than 5 MB"),
        ('{"cells": []}', "not a ledger"),
    ):
        with pytest.raises(ValueError, match=why):
            mine.merge(wrong)
    refused = sent_by(mine, type="merge", text="<html>")[0]
    assert refused["type"] == "refused"
    assert "not a ledger" in refused["message"]
    assert ledger.dumps() == before


def test_a_reminder_comes_only_where_the_machine_goes_away(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BINDER_LAUNCH_HOST", raising=False)
    assert not Progress(ledger=ledger).temporary
    assert "only lent to you" in Progress(temporary=True, ledger=ledger).fixed["reminder"]
    monkeypatch.setenv("BINDER_LAUNCH_HOST", "https://mybinder.org/")
    assert Progress(ledger=ledger).fixed["reminder"].startswith("Binder lends you this machine")
    assert not Progress(temporary=False, ledger=ledger).temporary


@pytest.mark.parametrize(("secure", "words"), [(True, "the browser may clear them by itself"), (False, "is not kept")])
def test_in_the_browser_the_reminder_says_what_the_browser_keeps(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, secure: bool, words: str
) -> None:
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setitem(sys.modules, "js", SimpleNamespace(isSecureContext=secure))
    fixed = Progress(ledger=ledger).fixed
    assert words in fixed["reminder"]
    # A view shows this one once the browser has promised to keep the site's data.
    assert bool(fixed["reminder_if_persistent"]) == secure


def test_hints_are_counted_and_cost_nothing(ledger: Ledger) -> None:
    mine = Progress(ledger=ledger)
    before = mine.table()
    ledger.open_hint("06/Q1", 1)
    assert state_of(mine)["hints"] == "1 hint opened. Hints are only counted, they never cost marks."
    assert mine.table().equals(before)


def test_odd_entries_of_another_version_do_not_break_the_view(ledger: Ledger) -> None:
    for key in (
        "progress/show",
        "progress/downloaded",
        "source/putin",
        "item/S09",
        "verdict/then",
        "verdict/citations",
    ):
        odd_values: tuple[Any, ...] = (7, [[]], {"a": [1]}, "x", None)
        for odd in odd_values:
            ledger.answer(key, odd)
            state_of(Progress(ledger=ledger))


def test_what_another_notebook_wrote_is_in_the_download(ledger: Ledger) -> None:
    mine = Progress(ledger=ledger)
    Ledger.open(ledger.path or "").answer("00/note", "from another notebook")
    assert "from another notebook" in mine.download_text()
