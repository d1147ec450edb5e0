"""What the desk promises without a view: plain methods do what messages do, and say what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from course.ledger import Ledger
from course.publishing.page import PAGE, REVIEW
from course.widgets.verdict_desk import VerdictDesk
from tests.verdicts import JUDGED, SINCE, SOUND, THEN


@pytest.fixture
def desk() -> Iterator[VerdictDesk]:
    ledger = Ledger()
    for judgement in JUDGED:
        ledger.judge(judgement)
    desk = VerdictDesk(ledger=ledger)
    yield desk
    desk.close()


def view(desk: VerdictDesk) -> list[dict[str, Any]]:
    """Listen to what the desk tells its views."""
    sent: list[dict[str, Any]] = []
    desk.send = sent.append
    return sent


def tell(desk: VerdictDesk, kind: str, **values: Any) -> None:
    desk._receive(desk, {"type": kind, "view": "v", "number": 1, **values}, [])


def refusals(sent: list[dict[str, Any]]) -> list[str]:
    return [message["message"] for message in sent if message["type"] == "refused"]


def give_all(desk: VerdictDesk) -> None:
    for clock, ruling in (("then", THEN), ("since", SINCE)):
        desk.rate(
            clock,
            rating=ruling.rating,
            likelihood=ruling.likelihood,
            confidence=ruling.confidence,
            because=ruling.because,
        )
    desk.write(headline=SOUND.headline, summary=SOUND.summary, url=SOUND.url, checked_on=SOUND.checked_on)
    desk.cite("X03", "S09", "S11")


def shown(desk: VerdictDesk) -> Any:
    return desk.get_state()["state"]


def test_the_ledger_holds_each_part_under_its_key(desk: VerdictDesk) -> None:
    give_all(desk)
    desk.scale("averitec")
    desk.check(claim="C05", reading="F")
    desk.write(author="Ada Editor", corrections="None.")
    kept = desk.ledger.answers
    assert kept["verdict/then"]["because"] == THEN.because
    assert kept["verdict/since"]["likelihood"] == "almost no chance"
    assert kept["verdict/citations"] == ["S09", "S11", "X03"]
    for part in ("scale", "claim", "reading", "headline", "summary", "author", "url", "corrections", "checked_on"):
        assert f"verdict/{part}" in kept


def test_a_view_and_the_plain_methods_come_to_the_same(desk: VerdictDesk) -> None:
    other = VerdictDesk(ledger=Ledger.loads(desk.ledger.dumps()))
    tell(other, "scale", scale="averitec")
    tell(other, "check", claim="C04")
    tell(other, "rate", clock="then", part="rating", value="Refuted")
    tell(other, "rate", clock="then", part="because", value="Two saw some left.")
    tell(other, "write", part="headline", value="Some fighters were left")
    tell(other, "cite", statement="S09", cited=True)
    tell(other, "cite", statement="S11", cited=True)
    tell(other, "cite", statement="S09", cited=False)
    desk.scale("averitec")
    desk.check(claim="C04")
    desk.rate("then", rating="Refuted", because="Two saw some left.")
    desk.write(headline="Some fighters were left")
    desk.cite("S09", "S11")
    desk.uncite("S09")
    # How many messages it took is each desk's own.
    counted = {"handled": {}, "version": 0}
    assert shown(other) | counted == shown(desk) | counted
    assert other.verdict == desk.verdict
    other.close()


def test_two_desks_on_one_ledger_stay_in_step(desk: VerdictDesk) -> None:
    other = VerdictDesk(ledger=desk.ledger)
    sent = view(other)
    desk.write(headline="Some fighters were left")
    assert sent[-1]["merge"]["texts"] == {"headline": "Some fighters were left"}
    other.close()


def test_a_part_is_changed_and_taken_back_without_touching_the_others(desk: VerdictDesk) -> None:
    desk.rate("then", rating="False", likelihood="unlikely")
    desk.rate("then", confidence="low", rating="")
    assert desk.ledger.answers["verdict/then"] == {"likelihood": "unlikely", "confidence": "low"}


def test_statements_are_flagged_in_words_when_known_only_later(desk: VerdictDesk) -> None:
    give_all(desk)
    desk.check(reading="T")
    notes = {statement: cited[1] for statement, cited in shown(desk)["citations"].items()}
    assert notes["S09"] == "(not judged for this reading)"
    assert notes["X03"] == "(known only since 23 May 2018; not judged for this reading)"


def test_remarks_are_live(desk: VerdictDesk) -> None:
    give_all(desk)
    assert shown(desk)["remarked"] == "Nothing to look at again so far."
    desk.write(headline="Putin clearly lied")
    assert [remark.code for remark in desk.remarks] == ["certainty"]
    assert shown(desk)["remarks"] == [desk.remarks[0].message]


def test_the_starting_chance_is_the_boards(desk: VerdictDesk) -> None:
    desk.ledger.answer("board/settings", {"reading": "F", "prior": 0.01, "clock": "then"})
    assert desk.basis.weighings["then"].prior == 0.01
    desk.ledger.answer("board/settings", {"prior": "high"})
    assert desk.basis.weighings["then"].prior == 0.5


def test_a_ledger_of_another_version_never_breaks_the_view() -> None:
    ledger = Ledger()
    for key, value in {
        "then": "False",
        "since": {"rating": 3, "mood": "grim", "because": ["x"]},
        "citations": {"S09": True},
        "headline": 4,
        "checked_on": "soon",
        "scale": "stars",
    }.items():
        ledger.answer(f"verdict/{key}", value)
    desk = VerdictDesk(ledger=ledger)
    assert shown(desk)["lead"] == "Then: no verdict yet. Since: no verdict yet."
    desk.rate("since", rating="False")
    assert ledger.answers["verdict/since"]["rating"] == "False"
    desk.close()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda desk: desk.scale("stars"), "politifact, averitec, prose"),
        (lambda desk: desk.rate("soon", rating="False"), "then, since"),
        (lambda desk: desk.rate("then", rating="Fake"), "Mostly False, False, Pants on Fire"),
        (lambda desk: desk.rate("then", likelihood="maybe"), "roughly even chance"),
        (lambda desk: desk.rate("then", confidence="95 %"), "low, moderate, high"),
        (lambda desk: desk.rate("then", because=3), "because must be text"),
        (lambda desk: desk.check(claim="C99"), "C01, C02"),
        (lambda desk: desk.check(reading="Z"), "T, U, F, A, W"),
        (lambda desk: desk.cite("S99"), "S01, S02"),
        (lambda desk: desk.cite("S30"), "evidence board first. Judged so far: S09, S11, X03"),
        (lambda desk: desk.cite("S09, S11"), "quotation marks round each"),
        (lambda desk: desk.cite(["S09", "S11"]), "no list"),
        (lambda desk: desk.uncite("S09"), "Cited: none yet"),
        (lambda desk: desk.write(headline=7), "headline must be text"),
        (lambda desk: desk.write(checked_on="2 March"), "Write it as 2026-03-02"),
        (lambda desk: desk.write(checked_on=date(2017, 12, 6)), "before 11 December 2017"),
        (lambda desk: desk.page(), "headline is missing"),
        (lambda desk: desk.claim_review(), "the address where the page will be published"),
        (lambda desk: desk.export(), "headline is missing"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_right(desk: VerdictDesk, wrong: Any, message: str) -> None:
    before = desk.ledger.dumps()
    with pytest.raises(ValueError, match=message):
        wrong(desk)
    assert desk.ledger.dumps() == before


def test_a_view_is_told_what_is_missing(desk: VerdictDesk) -> None:
    sent = view(desk)
    tell(desk, "download", name=PAGE)
    tell(desk, "rate", clock="then", part="mood", value="grim")
    tell(desk, "download", name="../../secret")
    missing, part, file = refusals(sent)
    assert "headline is missing" in missing
    assert "rating, likelihood, confidence, because" in part
    assert PAGE in file


def test_a_view_gets_a_file_once(desk: VerdictDesk) -> None:
    give_all(desk)
    sent = view(desk)
    tell(desk, "download", name=REVIEW)
    (file,) = [message["set"]["file"] for message in sent if message["type"] == "state"]
    assert json.loads(file["text"]) == desk.claim_review()
    assert file["kind"] == "application/ld+json"
    assert shown(desk)["file"] is None


def test_the_preview_is_written_only_while_somebody_looks(desk: VerdictDesk) -> None:
    assert shown(desk)["preview"] == ""
    tell(desk, "preview", is_open=True)
    assert "A draft, not published." in shown(desk)["preview"]
    tell(desk, "preview", is_open=False)
    assert shown(desk)["preview"] == ""


def test_a_view_saves_beside_the_notebook_and_never_replaces_silently(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.json")
    for judgement in JUDGED:
        ledger.judge(judgement)
    desk = VerdictDesk(ledger=ledger)
    give_all(desk)
    sent = view(desk)
    tell(desk, "export", overwrite=False)
    assert (tmp_path / PAGE).read_text(encoding="utf-8") == desk.page()
    assert sent[-1]["set"]["done"] == f"Saved beside your notebook: {PAGE} and {REVIEW}."
    tell(desk, "export", overwrite=False)
    assert f"{PAGE} and {REVIEW} are there already" in refusals(sent)[-1]
    tell(desk, "export", overwrite=True)
    assert len(refusals(sent)) == 1
    desk.close()


def test_the_same_as_tables(desk: VerdictDesk) -> None:
    give_all(desk)
    table = desk.table()
    assert table["clock"].tolist() == ["then", "since"]
    assert table["rating"].tolist() == ["Mostly False", "False"]
    assert table["judgements_amount_to"].tolist()[1] == "almost no chance to unlikely"
    evidence = desk.evidence()
    assert evidence["statement"].tolist() == ["S09", "S11", "X03"]
    assert evidence["clocks"].tolist() == ["then, since", "then, since", "since"]
    assert (evidence["weight"] < 0).all()


def test_its_line_says_both_verdicts(desk: VerdictDesk) -> None:
    give_all(desk)
    assert repr(desk) == (
        "Then: Mostly False, very unlikely. Since: False, almost no chance. Statements cited: 3. Remarks: 0."
    )
