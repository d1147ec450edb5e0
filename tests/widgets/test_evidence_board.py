"""EvidenceBoard starts from the source cards where nothing is judged yet, and the ledger holds only what is judged."""

from __future__ import annotations

from typing import Any

import pytest

from course.ledger import Ledger
from course.ledger.judgement import Judgement
from course.widgets.evidence_board import EvidenceBoard
from course.widgets.source_cards import SourceCards


@pytest.fixture
def cards() -> SourceCards:
    cards = SourceCards(ledger=Ledger())
    cards.rate("abrahms", reliability="B", interest="to be seen to be right", because="A scholar of the field.")
    cards.rate_item("S09", credibility=3)
    cards.group("S09", into="Abrahms")
    return cards


def item(board: EvidenceBoard, statement: str) -> dict[str, Any]:
    shown: dict[str, Any] = board.get_state()["state"]["items"][statement]
    return shown


def send(board: EvidenceBoard, **values: Any) -> None:
    board._receive(board, {"view": "v", "number": 1, **values}, None)


@pytest.mark.parametrize("reading", ["T", "F", "A"])
def test_a_statement_not_judged_yet_starts_from_the_cards_in_every_reading(cards: SourceCards, reading: str) -> None:
    board = EvidenceBoard(reading, ledger=cards.ledger)
    assert item(board, "S09")["rated"] == ["B", "3", "", "", "unknown", "Abrahms", ""]
    assert item(board, "S09")["carried"] == "From your source cards: reliability, credibility, origin."
    # The same speaker, but an item of its own.
    assert item(board, "S10")["rated"] == ["B", "", "", "", "unknown", "", ""]
    assert item(board, "S10")["carried"] == "From your source cards: reliability."
    assert item(board, "S11")["carried"] == ""


def test_what_is_carried_over_is_no_judgement_and_weighs_nothing(cards: SourceCards) -> None:
    board = EvidenceBoard("F", ledger=cards.ledger)
    assert item(board, "S09")["status"] == "blank"
    assert item(board, "S09")["weight"] == "not weighed yet"
    assert board.judgements == ()
    assert board.ledger.judgements() == ()
    assert board.contributions().empty
    row = board.table().set_index("statement").loc["S09"]
    assert (row["reliability"], row["credibility"], row["origin"]) == ("B", 3, "Abrahms")


def test_the_first_change_on_the_card_keeps_the_whole_judgement(cards: SourceCards) -> None:
    board = EvidenceBoard("F", ledger=cards.ledger)
    send(board, type="judge", statement="S09", part="directness", value="direct")
    (judgement,) = board.ledger.judgements()
    assert (judgement.reliability, judgement.credibility, judgement.directness, judgement.origin) == (
        "B",
        3,
        "direct",
        "Abrahms",
    )
    assert item(board, "S09")["status"] == "started"
    assert item(board, "S09")["carried"] == ""
    board.judge("S09", bearing="strong against", because="He says some remain.")
    assert item(board, "S09")["status"] == "rated"
    assert set(board.weighing.weights) == {"S09"}


def test_what_is_judged_is_the_learners_own_and_no_longer_follows_the_cards(cards: SourceCards) -> None:
    board = EvidenceBoard("F", ledger=cards.ledger)
    board.judge("S09", credibility=2)
    cards.rate("abrahms", reliability="D")
    cards.ungroup("S09")
    assert item(board, "S09")["rated"][:2] == ["B", "2"]
    assert item(board, "S09")["rated"][5] == "Abrahms"
    assert item(board, "S10")["rated"][0] == "D"
    board.judge("S10", directness="partly")
    send(board, type="judge", statement="S10", part="reliability", value="")
    assert item(board, "S10")["rated"][0] == ""


def test_the_answer_whether_they_would_say_so_anyway_comes_from_the_cards_and_changes_the_weight(
    cards: SourceCards,
) -> None:
    cards.rate_interest("S09", "against interest")
    board = EvidenceBoard("F", ledger=cards.ledger)
    assert item(board, "S09")["rated"][4] == "against interest"
    assert item(board, "S09")["carried"] == "From your source cards: reliability, credibility, origin, interest."
    board.judge("S09", directness="direct", bearing="strong against")
    before = board.weighing.posterior.point
    send(board, type="judge", statement="S09", part="interest", value="serves interest")
    assert board.weighing.posterior.point > before
    assert "it serves its interest" in board.why("S09")
    assert board.table().set_index("statement").loc["S09", "interest"] == "serves interest"


def test_an_empty_board_is_not_rated_yet_and_shows_no_chance() -> None:
    board = EvidenceBoard("F", ledger=Ledger())
    shown = board.get_state()["state"]
    assert shown["phrase"] == "Reading F: not rated yet."
    assert shown["posterior"] == []
    board.judge("S09", reliability="B")
    assert board.get_state()["state"]["posterior"] == []


def test_further_statements_are_on_the_board_once_they_are_named_or_judged() -> None:
    ledger = Ledger()
    board = EvidenceBoard("T", clock="then", ledger=ledger)
    assert not {"X22", "X25"} & set(board.get_state()["state"]["items"])
    ratings = {"directness": "direct", "bearing": "decisive against", "interest": "no stake", "because": "A local."}
    board.judge("X22", reliability="C", credibility=3, **ratings)
    assert "X22" in board.get_state()["state"]["items"]
    assert board.weighing.posterior.point < 0.5
    named = EvidenceBoard("T", ["X22", "X25"], clock="then", ledger=ledger)
    assert list(named.get_state()["state"]["items"]) == ["X22", "X25"]


def test_a_judgement_withdrawn_starts_from_the_cards_again(cards: SourceCards) -> None:
    board = EvidenceBoard("F", ledger=cards.ledger)
    board.judge("S09", credibility=5, origin="Northeastern")
    board.withdraw("S09")
    assert item(board, "S09")["rated"][:2] == ["B", "3"]
    assert item(board, "S09")["carried"] == "From your source cards: reliability, credibility, origin."


def test_without_source_cards_the_board_is_blank() -> None:
    board = EvidenceBoard("F", ledger=Ledger())
    assert {item["carried"] for item in board.get_state()["state"]["items"].values()} == {""}
    board.judge("S09", credibility=2)
    assert board.ledger.judgements()[0].reliability is None


def test_an_unreadable_card_leaves_the_board_blank_and_whole() -> None:
    ledger = Ledger()
    ledger.answer("source/abrahms", {"reliability": "G"})
    ledger.answer("item/S09", "2")
    ledger.judge(Judgement("S11", "F", reliability="C"))
    board = EvidenceBoard("F", ledger=ledger)
    assert item(board, "S09")["rated"] == ["", "", "", "", "unknown", "", ""]
    assert item(board, "S11")["rated"][0] == "C"
