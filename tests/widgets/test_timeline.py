"""Timeline's plain methods, its messages, and what it makes of a ledger that others have written."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from course import Ledger, Timeline
from course.case import Case
from course.methods.chronology import periods

REASON = "The 7th was the Thursday."
CONFLICTS = [str(row["conflict"]) for row in Case.load().rows("timeline") if row["conflict"]]


@pytest.fixture
def timeline() -> Timeline:
    return Timeline(ledger=Ledger())


def send(timeline: Timeline, kind: str, **values: Any) -> None:
    """Do as the view does."""
    timeline._receive(timeline, {"type": kind, "view": "v", "number": 1, **values}, None)


def state(timeline: Timeline) -> dict[str, Any]:
    now: dict[str, Any] = timeline.get_state()["state"]
    return now


def seen(timeline: Timeline) -> dict[str, Any]:
    """What a view shows: its state without how often and by whom it was asked for."""
    return {name: part for name, part in state(timeline).items() if name not in ("handled", "version")}


def refusals(timeline: Timeline, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    messages: list[str] = []
    monkeypatch.setattr(
        timeline, "send", lambda message: messages.append(message["message"]) if message["type"] == "refused" else None
    )
    return messages


# --- the view and the plain methods do the same ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "plain"),
    [
        (("clock", {"clock": "2017-12-06"}), lambda view: view.set_clock(date(2017, 12, 6))),
        (("clock", {"clock": "since"}), lambda view: view.set_clock("since")),
        (("show", {"period": "week"}), lambda view: view.show(period="week")),
        (("show", {"origins": ["un", "russian-command"]}), lambda view: view.show(origins=["Russian command", "un"])),
        (("show", {"kinds": list(Case.load().subject.kinds)}), lambda view: view.show(kinds="all")),
        (("show", {"kinds": []}), lambda view: view.show(kinds=[])),
        (("doubt", {"entry": "E27", "because": REASON}), lambda view: view.doubt("E27", because=REASON)),
    ],
)
def test_a_message_of_the_view_does_what_the_method_does(message: tuple[str, dict[str, Any]], plain: Any) -> None:
    viewed, typed = Timeline(ledger=Ledger()), Timeline(ledger=Ledger())
    kind, values = message
    send(viewed, kind, **values)
    plain(typed)
    assert viewed.ledger.answers == typed.ledger.answers
    assert seen(viewed) == seen(typed)


def test_an_emptied_reason_takes_the_doubt_back_as_settle_does(timeline: Timeline) -> None:
    timeline.doubt("E27", because=REASON)
    timeline.settle("E27")
    settled = seen(timeline)
    timeline.doubt("E27", because=REASON)
    send(timeline, "doubt", entry="E27", because=" ")
    assert timeline.doubts == {}
    assert seen(timeline) == settled


def test_everything_is_found_again_in_the_file(tmp_path: Path) -> None:
    first = Timeline(ledger=Ledger.open(tmp_path / "ledger.json"))
    first.set_clock("2018-05-22")
    first.show(origins=["Russian command"], kinds=["statement"], period="since")
    first.doubt("E36", because="He had said that none was left.")
    again = Timeline(ledger=Ledger.open(tmp_path / "ledger.json"))
    assert seen(again) == seen(first)
    assert again.clock == "2018-05-22"
    assert set(again.doubts) == {"E36"}


def test_two_timelines_of_one_ledger_stay_in_step() -> None:
    ledger = Ledger()
    view, other = Timeline(ledger=ledger), Timeline(ledger=ledger)
    view.set_clock("since")
    view.doubt("E28", because=REASON)
    assert seen(view) == seen(other)


# --- the clock ------------------------------------------------------------------------------------------------------


def test_it_starts_with_everything_and_the_clock_of_the_article(timeline: Timeline) -> None:
    assert repr(timeline) == "Clock at 11 December 2017: 49 of 57 entries could be known. You doubt no entry yet."
    assert (len(timeline.known()), len(timeline.unknown()), len(timeline.table())) == (49, 8, 57)


def test_what_is_not_known_yet_stays_in_sight_and_says_so(timeline: Timeline) -> None:
    now = state(timeline)
    assert "E36" in now["shown"]
    assert now["items"]["E36"]["later"] == "not known until 23 May 2018"
    assert "E36" in set(timeline.unknown()["entry"])


def test_today_brings_all_and_a_word_on_hindsight(timeline: Timeline) -> None:
    assert state(timeline)["hindsight"] == ""
    timeline.set_clock("since")
    assert timeline.unknown().empty
    assert "later than the article" in state(timeline)["hindsight"]


# --- doubts ---------------------------------------------------------------------------------------------------------


def test_nothing_gives_a_conflict_away_before_a_doubt(timeline: Timeline) -> None:
    timeline.set_clock("since")
    output = json.dumps(timeline.get_state(), default=str, ensure_ascii=False)
    output += timeline.table().to_csv() + timeline.chart().svg() + repr(timeline)
    assert not [text for text in CONFLICTS if text in output]
    assert "≠" not in timeline.table().to_csv()


def test_a_doubt_brings_out_both_dates_of_the_briefing_everywhere(timeline: Timeline) -> None:
    timeline.doubt("E27", because=REASON)
    items = state(timeline)["items"]
    assert [entry for entry, item in items.items() if item["conflicts"]] == ["E27", "E28"]
    table = timeline.table().set_index("entry")
    assert table.loc["E27", "doubt"] == REASON
    assert "The 7th is right" in str(table.loc["E28", "conflict"])
    assert "E27, E28 stand out" in repr(timeline)
    assert set(timeline.chart().as_table().query("`does not fit` != ''")["entry"]) == {"E27", "E28"}


def test_a_doubt_without_a_conflict_is_told_that_our_sources_agree(timeline: Timeline) -> None:
    timeline.doubt("E03", because="It says Syria only.")
    item = state(timeline)["items"]["E03"]
    assert item["conflicts"] == []
    assert item["agreed"].startswith("As far as we know, our sources agree")


# --- the table and the chart ----------------------------------------------------------------------------------------


def test_the_table_and_the_chart_hold_what_is_shown(timeline: Timeline) -> None:
    timeline.show(origins=["Russian command"], period="week")
    table = timeline.table()
    assert set(table["origin"]) == {"Russian command"}
    figure = timeline.chart()
    assert list(figure.as_table()["entry"]) == list(table["entry"]) == state(timeline)["shown"]
    assert figure.title == "Clock at 11 Dec 2017: 12 of 12 entries could be known"


@pytest.mark.parametrize("period", periods())
def test_every_period_has_a_chart_with_the_finding_of_the_view(timeline: Timeline, period: str) -> None:
    timeline.set_clock("2017-12-06")
    timeline.show(period=period)
    counts = f"{len(timeline.known())} of {len(timeline.table())} entries could be known"
    assert counts in timeline.chart().title
    assert counts in state(timeline)["counted"]


def test_a_table_without_rows_keeps_its_columns_and_a_chart_of_it_is_refused(timeline: Timeline) -> None:
    columns = timeline.table().dtypes
    timeline.show(kinds=[])
    assert timeline.known().dtypes.equals(columns)
    assert "No entry is shown" in repr(timeline)
    with pytest.raises(ValueError, match="does a filter leave nothing"):
        timeline.chart()


# --- what cannot be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda view: view.set_clock("noon"), r"'noon' is no clock. Use 'then' .*'2017-12-07'"),
        (lambda view: view.show(origins=["TASS"]), r"no origin 'TASS'. Use 'all' or a list of: Russian command, .*CNN"),
        (lambda view: view.show(kinds=["rumour"]), r"no kind 'rumour'. Use 'all' or a list of: statement, military"),
        (lambda view: view.show(period="2016"), r"no period '2016'. Periods: all, 2017, week, since"),
        (lambda view: view.doubt("E99", because=REASON), r"no entry 'E99' on the timeline. Entries: E01, .*S32"),
        (lambda view: view.doubt("S35", because=REASON), r"no entry 'S35' on the timeline. It is there as E03 and E04"),
        (lambda view: view.doubt("E27", because="  "), r"Say what does not fit about E27"),
        (lambda view: view.settle("E99"), r"no entry 'E99'"),
        (lambda view: view.settle("E27"), r"You do not doubt E27. Doubted: none yet"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(timeline: Timeline, ask: Any, answer: str) -> None:
    with pytest.raises(ValueError, match=answer):
        ask(timeline)
    assert timeline.ledger.answers == {}


def test_a_refused_message_is_told_and_changes_nothing(timeline: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = refusals(timeline, monkeypatch)
    send(timeline, "clock", clock="soon")
    send(timeline, "doubt", entry="E99", because=REASON)
    assert len(messages) == 2
    assert "'soon' is no clock" in messages[0]
    assert timeline.ledger.answers == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("timeline/settings", ["week"]),
        ("timeline/settings", {"clock": 7, "period": "decade", "origins": [3, None], "kinds": "data"}),
        ("timeline/settings", {"origins": ["moon"], "kinds": ["gossip"]}),
        ("timeline/doubted/E27", {"because": REASON}),
        ("timeline/doubted/E99", REASON),
    ],
)
def test_a_ledger_of_another_version_never_breaks_it(key: str, value: Any) -> None:
    ledger = Ledger()
    ledger.answer(key, value)
    timeline = Timeline(ledger=ledger)
    assert timeline.doubts == {}
    assert set(state(timeline)["shown"]) <= set(state(timeline)["items"])
    timeline.show(origins="all", kinds="all", period="all")
    assert len(timeline.table()) == 57
