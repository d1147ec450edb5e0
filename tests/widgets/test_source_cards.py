"""SourceCards' plain methods, its messages, and what it makes of a ledger that others have written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from course.ledger import Ledger, merge
from course.widgets.source_cards import SourceCards


@pytest.fixture
def cards() -> SourceCards:
    return SourceCards(ledger=Ledger())


def send(cards: SourceCards, kind: str, **values: Any) -> list[str]:
    """Do as the view does, and return what was refused."""
    sent: list[dict[str, Any]] = []
    cards.send = lambda content, buffers=None: sent.append(content)  # noqa: ARG005
    cards._receive(cards, {"type": kind, "view": "v", "number": 1, **values}, None)
    return [message["message"] for message in sent if message["type"] == "refused"]


def state(cards: SourceCards) -> dict[str, Any]:
    now: dict[str, Any] = cards.get_state()["state"]
    return now


# --- plain methods ---------------------------------------------------------------------------------------------


def test_there_is_a_card_for_every_source_that_speaks_in_the_register(cards: SourceCards) -> None:
    assert repr(cards) == "37 statements → 37 origins"
    assert len(cards.sources) == 13
    assert set(cards.sources) == {source["id"] for source in cards.fixed["sources"]}
    on_cards = [statement for source in cards.fixed["sources"] for statement in source["statements"]]
    assert sorted(on_cards) == [f"S{number:02d}" for number in range(1, 38)]


def test_other_statements_bring_their_own_sources() -> None:
    cards = SourceCards(["S09", "X03", "X09"], ledger=Ledger())
    assert list(cards.sources) == ["abrahms", "rudskoi", "ucdp"]
    assert repr(cards) == "3 statements → 3 origins"


def test_source_and_item_are_kept_apart_each_under_its_own_key(cards: SourceCards) -> None:
    cards.rate("putin", reliability="C", interest="to be seen as the winner", because="He commands those who know.")
    cards.rate_item("S09", credibility=2)
    cards.group("S01", "S05", into="Russian command")
    assert cards.ledger.answers == {
        "source/putin": {
            "reliability": "C",
            "interest": "to be seen as the winner",
            "because": "He commands those who know.",
        },
        "item/S09": {"credibility": 2, "origin": "", "interest": "unknown"},
        "item/S01": {"credibility": None, "origin": "Russian command", "interest": "unknown"},
        "item/S05": {"credibility": None, "origin": "Russian command", "interest": "unknown"},
    }


def test_what_is_left_out_stays_and_a_number_can_be_taken_back(cards: SourceCards) -> None:
    cards.rate("putin", reliability="C", interest="to be seen as the winner")
    cards.rate("putin", because="He commands those who know.")
    assert cards.sources["putin"].reliability == "C"
    assert cards.sources["putin"].interest == "to be seen as the winner"
    cards.group("S09", into="Abrahms")
    cards.rate_item("S09", credibility=2)
    cards.rate_item("S09", credibility=None)
    assert (cards.items["S09"].credibility, cards.items["S09"].origin) == (None, "Abrahms")


def test_grouping_lets_the_count_fall_and_ungrouping_lets_it_rise(cards: SourceCards) -> None:
    cards.group("S01", "S05", "S08", into="Russian command")
    assert repr(cards) == "37 statements → 35 origins"
    cards.group("S02", into=" russian  command")
    assert cards.items["S02"].origin == "Russian command"
    cards.ungroup("S01", "S02")
    assert repr(cards) == "37 statements → 36 origins"


def test_the_origins_are_a_table(cards: SourceCards) -> None:
    cards.group("S01", "S02", "S05", into="Russian command")
    frame = cards.origins()
    assert list(frame.columns) == ["origin", "statements", "how many", "sources"]
    assert list(frame.iloc[0]) == ["Russian command", "S01, S02, S05", 3, "Polygraph.info, Vladimir Putin"]
    assert frame["how many"].sum() == 37


def test_the_table_has_one_row_for_each_statement(cards: SourceCards) -> None:
    cards.rate("abrahms", reliability="B", interest="to be right")
    cards.rate_item("S09", credibility=3)
    cards.group("S09", into="Abrahms")
    frame = cards.table().set_index("statement")
    assert len(frame) == 37
    assert list(frame.loc["S09", ["source", "reliability", "credibility", "origin", "interest"]]) == [
        *("Max Abrahms", "B", 3, "Abrahms", "to be right")
    ]
    assert str(frame["credibility"].dtype) == "Int64"
    assert frame.loc["S10", "reliability"] == "B"


def test_the_chart_draws_the_learners_own_grouping_and_says_so(cards: SourceCards) -> None:
    cards.group("S01", "S05", into="The Kremlin")
    figure = cards.chart()
    assert figure.title == "37 statements → 36 origins, as you group them"
    assert "as you have grouped them" in figure.source
    assert "as the course has drawn them" not in str(figure.chart.to_dict())
    drawn = figure.as_table().set_index("origin")
    assert drawn.loc["The Kremlin", "statements"] == 2
    assert drawn.loc["The Kremlin", "of these, repeat another"] == 1


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda cards: cards.rate("kremlin"), "no source 'kremlin'. Use one of: polygraph, putin"),
        (lambda cards: cards.rate("putin", reliability="G"), "A, B, C, D, E, F"),
        (lambda cards: cards.rate_item("S99", credibility=2), "no statement 'S99'. Use one of: S01, S02"),
        (lambda cards: cards.rate_item("S09", credibility=7), "1, 2, 3, 4, 5, 6"),
        (lambda cards: cards.group("S01", "S99", into="Kremlin"), "no statement 'S99'"),
        (lambda cards: cards.group("S01", into=" "), "needs a name"),
        (lambda cards: cards.group("S01", into="S05"), "S05 is a statement"),
        (lambda cards: cards.ungroup("S01", "X01"), "no statement 'X01'"),
        (lambda cards: cards.remove_origin("Kremlin"), "no origin 'Kremlin'"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_and_nothing_changes(cards: SourceCards, ask: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ask(cards)
    assert cards.ledger.answers == {}


@pytest.mark.parametrize(("statements", "says"), [(["S99"], "no id 'S99'. Use one of: S01, S02"), ([], "at least one")])
def test_cards_for_statements_that_are_not_there_are_refused(statements: list[str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        SourceCards(statements, ledger=Ledger())


def test_an_origin_can_be_named_before_it_holds_anything_and_removed_while_it_does_not(cards: SourceCards) -> None:
    cards.add_origin("The Kremlin")
    assert state(cards)["origins"] == ["The Kremlin"]
    with pytest.raises(ValueError, match="already"):
        cards.add_origin(" the  kremlin ")
    cards.group("S05", into="the kremlin")
    assert repr(cards) == "37 statements → 37 origins"
    with pytest.raises(ValueError, match="still holds"):
        cards.remove_origin("The Kremlin")
    cards.ungroup("S05")
    cards.remove_origin("The Kremlin")
    assert state(cards)["origins"] == []
    cards.add_origin("The Kremlin")
    assert state(cards)["origins"] == ["The Kremlin"]


# --- the view's messages ---------------------------------------------------------------------------------------


def test_the_view_and_the_plain_methods_lead_to_the_same(cards: SourceCards) -> None:
    send(cards, "rate", source="putin", part="reliability", value="C")
    send(cards, "rate", source="putin", part="interest", value="to win")
    send(cards, "rate_item", statement="S05", value="4")
    send(cards, "add", name="Kremlin")
    send(cards, "move", statement="S05", origin="Kremlin")
    plain = SourceCards(ledger=Ledger())
    plain.rate("putin", reliability="C", interest="to win")
    plain.rate_item("S05", credibility=4)
    plain.add_origin("Kremlin")
    plain.group("S05", into="Kremlin")
    assert cards.ledger.answers == plain.ledger.answers
    send(cards, "rate", source="putin", part="reliability", value="")
    send(cards, "rate_item", statement="S05", value="")
    send(cards, "move", statement="S05", origin="")
    send(cards, "remove", name="Kremlin")
    assert cards.sources["putin"].reliability is None
    assert not cards.items["S05"].touched
    assert state(cards)["origins"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "rate", "source": "putin", "part": "colour", "value": "blue"},
        {"kind": "rate", "source": "putin", "part": "reliability", "value": "G"},
        {"kind": "rate_item", "statement": "S99", "value": "2"},
        {"kind": "rate_item", "statement": "S09", "value": "9"},
        {"kind": "add", "name": ""},
        {"kind": "move", "statement": "S09", "origin": "S10"},
        {"kind": "remove", "name": "Kremlin"},
        {"kind": "dance"},
    ],
)
def test_what_a_view_sends_wrongly_is_refused_in_words_and_harms_nothing(
    cards: SourceCards, wrong: dict[str, Any]
) -> None:
    assert len(send(cards, **wrong)) == 1
    assert cards.ledger.answers == {}


def test_what_an_editor_would_note_is_not_sent_before_the_learner_has_written(cards: SourceCards) -> None:
    interest = str(cards.case.row("sources", "putin")["interest"])
    assert interest not in str(cards.get_state())
    cards.rate("putin", interest="power")
    assert interest not in str(cards.get_state())
    cards.rate("putin", interest="to be seen as the winner")
    assert state(cards)["sources"]["putin"]["editor"] == interest
    assert state(cards)["sources"]["rudskoi"]["editor"] == ""


def test_nothing_about_a_statements_origin_is_given_away(cards: SourceCards) -> None:
    """The course has its own origins; the learner finds theirs."""
    names = [str(row["name"]) for row in cards.case.rows("origins")]
    assert [name for name in ("Russian command", "U.S. government") if name in names]
    assert not {"Russian command", "russian-command", "us-government"} & set(str(cards.get_state()).split("'"))


def test_remarks_come_with_what_the_learner_does(cards: SourceCards) -> None:
    assert state(cards)["remarks"] == []
    cards.group("S05", into="Kremlin")
    cards.group("S08", into="General Staff")
    assert [finding.code for finding in cards.remarks] == ["counted-twice"]
    assert state(cards)["remarks"] == [finding.message for finding in cards.remarks]
    cards.group("S08", into="Kremlin")
    assert state(cards)["remarks"] == []


def test_how_much_is_rated_is_said_on_the_card(cards: SourceCards) -> None:
    assert state(cards)["sources"]["putin"]["status"] == "source not rated yet, items rated: 0 of 4"
    cards.rate("putin", reliability="C")
    cards.rate_item("S05", credibility=4)
    assert state(cards)["sources"]["putin"]["status"] == "source C, items rated: 1 of 4"


# --- the ledger is the only memory -----------------------------------------------------------------------------


def test_everything_is_found_again_in_the_file(tmp_path: Path) -> None:
    first = SourceCards(ledger=Ledger.open(tmp_path / "ledger.json"))
    first.rate("putin", reliability="C", interest="to be seen as the winner")
    first.group("S01", "S05", into="Kremlin")
    first.add_origin("Washington")
    again = SourceCards(ledger=Ledger.open(tmp_path / "ledger.json"))
    for part in ("count", "sources", "items", "origins", "rows", "remarks"):
        assert state(again)[part] == state(first)[part]


def test_two_on_one_ledger_stay_in_step(cards: SourceCards) -> None:
    other = SourceCards(["S01", "S05"], ledger=cards.ledger)
    cards.group("S01", "S05", into="Kremlin")
    assert repr(other) == "2 statements → 1 origin"


def test_two_ledgers_are_merged_statement_by_statement() -> None:
    mine, theirs = SourceCards(ledger=Ledger()), SourceCards(ledger=Ledger())
    mine.group("S01", into="Kremlin")
    theirs.group("S05", into="kremlin")
    theirs.rate("putin", reliability="D")
    both = SourceCards(ledger=merge(mine.ledger, theirs.ledger))
    assert repr(both) == "37 statements → 36 origins"
    assert state(both)["origins"] == ["Kremlin"]
    assert state(both)["items"]["S05"] == ["", "Kremlin", "unknown"]


@pytest.mark.parametrize("strange", [5, "C", ["S01"], {"reliability": 4, "origin": {}, "credibility": "x"}, None])
def test_a_ledger_of_another_version_does_not_break_the_view(strange: object) -> None:
    ledger = Ledger()
    for key in ("source/putin", "item/S05", "item/S99", "origin/kremlin"):
        ledger.answer(key, strange)
    cards = SourceCards(ledger=ledger)
    assert repr(cards) == "37 statements → 37 origins"
    assert state(cards)["remarks"] == []
    cards.group("S05", into="Kremlin")
    assert cards.items["S05"].origin == "Kremlin"
