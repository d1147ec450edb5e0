"""ClaimTracer's plain methods, its messages, and what it makes of a ledger that others have written."""

from __future__ import annotations

from typing import Any

import pytest

from course import ClaimTracer, Ledger
from course.case import CaseError

NOTE = "The article never names him."
WHOLE = "On 6 December 2017 Interfax reported that Putin called Syria free of all IS fighters."


@pytest.fixture
def tracer() -> ClaimTracer:
    return ClaimTracer(ledger=Ledger())


def send(tracer: ClaimTracer, kind: str, **values: Any) -> None:
    """Do as the view does."""
    tracer._receive(tracer, {"type": kind, "view": "v", "number": 1, **values}, None)


def state(tracer: ClaimTracer) -> dict[str, Any]:
    now: dict[str, Any] = tracer.get_state()["state"]
    return now


def test_it_starts_with_a_wording_beside_the_one_it_follows(tracer: ClaimTracer) -> None:
    assert state(tracer)["compared"] == ["C03", "C05"]
    send(tracer, "compare", before="", after="C08")
    assert state(tracer)["compared"] == ["C04", "C08"]
    assert state(tracer)["summary"].startswith("From C04 to C08: ")


def test_the_first_of_a_line_asks_for_another_beside_it(tracer: ClaimTracer) -> None:
    send(tracer, "compare", before="", after="C03")
    assert state(tracer)["differences"] == []
    assert "first of its line" in state(tracer)["summary"]


def test_compare_gives_a_table_and_turns_the_view(tracer: ClaimTracer) -> None:
    frame = tracer.compare("C05", "C06").set_index("aspect")
    assert list(frame.columns) == ["before", "after", "change"]
    assert list(frame.loc["Where"]) == ["both banks of the Euphrates", "all of Syria", "changed"]
    assert frame.loc["Limit", "change"] == "lost"
    assert frame.loc["Limit", "after"] is None
    assert state(tracer)["compared"] == ["C05", "C06"]
    assert tracer.ledger.answers["claim/settings"] == {"before": "C05", "after": "C06"}


def test_every_item_of_the_view_says_whether_it_was_lost_or_added(tracer: ClaimTracer) -> None:
    tracer.compare("C04", "C08")
    thing = next(difference for difference in state(tracer)["differences"] if difference["aspect"] == "What")
    assert thing["before"] == [["units", "lost"], ["ground", ""]]
    assert thing["after"] == [["settlements", "added"], ["ground", ""]]
    speaker = state(tracer)["differences"][0]
    assert speaker["before"] == [["Valery Gerasimov", "changed from"]]
    assert speaker["after"] == [["Sergei Rudskoi", "changed to"]]


def test_every_wording_says_what_changed_since_the_one_it_follows(tracer: ClaimTracer) -> None:
    wordings = {wording["id"]: wording for wording in tracer.get_state()["fixed"]["wordings"]}
    assert wordings["C07"]["steps"] == [["Where", "changed"], ["Limit", "added"]]
    assert wordings["C10"]["steps"] == [["What", "changed"], ["How complete", "changed"]]
    assert wordings["C06"]["steps"] == []
    assert (wordings["C06"]["date"], wordings["C10"]["date"]) == ("2017-12-06", "")
    assert wordings["C06"]["words"] == "Putin is reported to declare the whole country free of IS."


def test_nothing_is_given_away_before_the_mark(tracer: ClaimTracer) -> None:
    tracer.compare("C05", "C06")
    tracer.write("All IS units in Syria are gone.")
    # The learner's own words and the names of columns apart, nothing speaks of an absolute, and no note is sent.
    shown = str({**state(tracer), "remarks": [], "wording": ""})
    assert "absolute" not in shown.lower()
    notes = [str(row["note"]) for row in tracer.case.rows("claims")]
    assert not [note for note in notes if note in shown + str(tracer.get_state()["fixed"])]
    assert tracer.consequences == ()
    assert tracer.table()["absolute"].isna().all()
    assert tracer.table()["note"].isna().all()


def test_a_mark_shows_what_follows_from_it_and_can_be_taken_back(tracer: ClaimTracer) -> None:
    tracer.mark("C04", because="He is the first to say all.")
    assert tracer.marked == "C04"
    assert tracer.because == "He is the first to say all."
    assert any(NOTE in text for text in tracer.consequences)
    assert state(tracer)["consequences"] == list(tracer.consequences)
    assert tracer.compare("C05", "C06").iloc[-1].tolist() == ["States the absolute", "no", "yes", "changed"]
    tracer.mark("C06")
    assert tracer.because == "He is the first to say all."
    tracer.mark(None)
    assert tracer.marked is None
    assert tracer.consequences == ()


def test_the_table_has_every_wording_in_order_and_says_which_is_marked(tracer: ClaimTracer) -> None:
    tracer.mark("C06")
    table = tracer.table()
    assert table["id"].tolist() == [f"C{number:02}" for number in range(1, 11)]
    assert table.loc[table["marked"], "id"].tolist() == ["C06"]
    assert table.loc[table["absolute"], "id"].tolist() == ["C04", "C06", "C08", "C10"]
    assert str(table["said_on"].dtype).startswith("datetime64")
    assert table.set_index("id").loc["C07", "attributed_to"] == "Vladimir Putin"
    assert not table["note"].isna().any()


def test_remarks_follow_the_wording_as_it_is_written(tracer: ClaimTracer) -> None:
    assert [remark.code for remark in tracer.remarks] == ["empty"]
    assert state(tracer)["remarks"] == []
    tracer.write("Syria is completely free of IS.")
    assert [remark.code for remark in tracer.remarks] == ["speaker", "date", "thing"]
    assert state(tracer)["standing"] == "To look at: 3"
    assert state(tracer)["remarks"] == [remark.message for remark in tracer.remarks]
    tracer.write(WHOLE)
    assert tracer.remarks == ()
    assert state(tracer)["standing"].startswith("Nothing missing")
    assert repr(tracer) == (
        "ClaimTracer: nothing marked yet. Wording to be checked: Nothing missing: it says who, when, where and what."
    )


def test_the_view_and_the_plain_methods_leave_the_same_state() -> None:
    plain, seen = (ClaimTracer(ledger=Ledger()) for _ in range(2))
    plain.compare("C04", "C10")
    plain.mark("C10", because="The headline says all.")
    plain.write(WHOLE)
    send(seen, "compare", before="C04", after="C10")
    send(seen, "mark", wording="C10")
    send(seen, "because", text="The headline says all.")
    send(seen, "write", text=WHOLE)
    assert {**state(seen), "handled": {}} == {**state(plain), "handled": {}}
    assert seen.ledger.answers == plain.ledger.answers
    send(seen, "mark", wording="")
    assert seen.marked is None


def test_two_tracers_on_one_ledger_stay_in_step(tracer: ClaimTracer) -> None:
    other = ClaimTracer(ledger=tracer.ledger)
    send(tracer, "mark", wording="C08")
    assert other.marked == "C08"
    assert state(other)["marked"] == "C08"


@pytest.mark.parametrize(
    "call",
    [
        lambda tracer: tracer.compare("C05", "C11"),
        lambda tracer: tracer.compare("S09", "C05"),
        lambda tracer: tracer.mark("Putin", because="He said it."),
    ],
)
def test_an_unknown_wording_is_refused_and_those_there_are_named(tracer: ClaimTracer, call: Any) -> None:
    with pytest.raises(CaseError, match=r"Use one of: C01, C02, .*C10"):
        call(tracer)
    assert tracer.ledger.answers == {}


def test_other_mistakes_are_refused_in_words(tracer: ClaimTracer) -> None:
    with pytest.raises(ValueError, match=r"C05 cannot be compared with itself\. Choose two different"):
        tracer.compare("C05", "C05")
    with pytest.raises(ValueError, match="The reason is text, not 5"):
        tracer.mark("C05", because=5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="The wording is text, not None"):
        tracer.write(None)  # type: ignore[arg-type]
    assert tracer.ledger.answers == {}


@pytest.mark.parametrize("odd", [None, 7, ["C05"], {"after": ["C05"], "before": 3}, "C99", {"after": "C99"}])
def test_a_ledger_of_another_version_never_breaks_the_view(odd: Any) -> None:
    ledger = Ledger()
    for key in ("claim/entered", "claim/because", "claim/wording", "claim/settings"):
        ledger.answer(key, odd)
    tracer = ClaimTracer(ledger=ledger)
    assert state(tracer)["compared"] == ["C03", "C05"]
    assert tracer.marked is None
    assert len(tracer.table()) == 10
