"""Every tool works with any case, by its plain methods, and a ledger keeps the work on several cases apart."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from course import (
    Case,
    ClaimTracer,
    EvidenceBoard,
    HypothesisMatrix,
    Ledger,
    Progress,
    ScopeLens,
    SourceCards,
    Timeline,
    VerdictDesk,
    charts,
)
from course.case.shape import TEMPLATE
from course.ledger import CaseLedger
from course.weighing.coherence import Incoherence

OWN = Case.load()
POLIO = Case.load(Path(__file__).parents[1] / "case" / "polio")
CASES = {
    case.subject.name: case
    for case in (*map(Case.load, sorted(OWN.folder.parent.glob("case-*"))), POLIO, Case.load(TEMPLATE))
}
TOOLS = (
    ClaimTracer,
    SourceCards,
    ScopeLens,
    Timeline,
    EvidenceBoard,
    HypothesisMatrix,
    VerdictDesk,
    Progress,
)
OF_THE_FIRST = re.compile(r"Syria|Islamic State|\bIS\b|Russia|Euphrates|Polygraph|[Ff]ighter")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def codes(findings: tuple[Incoherence, ...]) -> list[str]:
    return [finding.code for finding in findings]


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: str(tool.__name__))
def test_every_tool_shows_every_case(tool: Any, case: Case, ledger: Ledger) -> None:
    shown = tool(case=case, ledger=ledger)
    assert len(repr(shown).split()) > 2
    assert len(shown.table())
    state = shown.get_state()
    text = json.dumps({name: state[name] for name in ("fixed", "state")}, ensure_ascii=False)
    if case.subject.name in ("polio", "my-case"):
        assert not OF_THE_FIRST.search(text), OF_THE_FIRST.findall(text)
    shown.close()


# --- each tool, on a claim about polio --------------------------------------------------------------------------------


def test_the_wording_is_traced(ledger: Ledger) -> None:
    tracer = ClaimTracer(case=POLIO, ledger=ledger)
    differences = tracer.compare("C02", "C03")
    assert differences.set_index("aspect").loc["Limit", "change"] == "lost"
    tracer.mark("C03", because="Here “wild” is gone.")
    assert any("“Wild” is gone too" in text for text in tracer.consequences)
    tracer.write("Blueprint wrote on 25 August 2020 that the countries are free.")
    assert {remark.code for remark in tracer.remarks} == {"place", "thing"}
    assert "Wild poliovirus and polio from the vaccine virus" in " ".join(remark.message for remark in tracer.remarks)
    tracer.write("Blueprint wrote on 25 August 2020 that Africa is free of wild polio.")
    assert tracer.remarks == ()


def test_sources_are_rated_and_grouped(ledger: Ledger) -> None:
    cards = SourceCards(case=POLIO, ledger=ledger)
    cards.rate("arcc", reliability="B", interest="to be trusted as judges", because="They visited the countries.")
    cards.group("S01", "S02", "S03", "S04", into="The commission")
    assert repr(cards) == "4 statements → 1 origin"
    assert cards.remarks == ()
    assert EvidenceBoard("W", case=POLIO, ledger=ledger).table().set_index("statement").loc["S02", "reliability"] == "B"


def test_a_figure_is_read_for_a_place_and_a_day(ledger: Ledger) -> None:
    lens = ScopeLens(case=POLIO, ledger=ledger)
    assert lens.result.quantity.id == "Q02"
    seen = lens.look("Q05", scope="africa", on="2020-12-31")
    assert (seen.low, seen.open) == (0, True)  # a sum of a year is no day
    seen = lens.look("Q02", scope="africa", on="2020-08-25")
    assert "16" not in seen.describe(seen.free)  # of the day before
    lens.assume(unchanged=True, because="Outbreaks do not end overnight.")
    assert lens.result.assumed
    assert (lens.result.assumed.low, lens.result.assumed.high) == (16, 16)
    assert lens.result.means("P") == (
        "fits both none and some: does not decide. With your assumption: if both are right, cannot be squared with P"
    )
    assert lens.chart().title.startswith("Q02, countries with outbreaks of vaccine-derived polio.")


def test_a_clock_divides_what_was_known(ledger: Ledger) -> None:
    timeline = Timeline(case=POLIO, ledger=ledger)
    assert set(timeline.unknown()["entry"]) == {"E06", "E07", "X03", "X04"}
    timeline.set_clock("since")
    assert timeline.unknown().empty
    timeline.show(period="2020")
    timeline.doubt("E04", because="Only wild virus was meant.")
    assert "E04, E05 stand out" in repr(timeline)
    assert timeline.chart().title == "Clock at today: 9 of 9 entries could be known"
    with pytest.raises(ValueError, match="Periods: all, 2020, week, since"):
        timeline.show(period="2017")


def test_a_universal_reading_falls_to_a_counter_example(ledger: Ledger) -> None:
    board = EvidenceBoard(case=POLIO, ledger=ledger)
    assert board.reading == "P"
    rated: dict[str, Any] = {"reliability": "B", "credibility": 2, "interest": "against interest"}
    board.judge(
        "X01", **rated, directness="direct", bearing="decisive against", origin="WHO", because="She would know."
    )
    assert board.weighing.is_capped or board.weighing.refutation
    assert board.weighing.posterior.point < 0.2
    assert codes(board.findings) == []
    board.judge("X01", bearing="strong for")
    (finding,) = board.findings
    assert finding.message.startswith(
        "X01 reports polio of the vaccine-derived kind; you rated it for “no polio of any kind”."
    )
    with pytest.raises(ValueError, match=r"no reading .F.\. Use one of: P, W, I"):
        board.show("F")


def test_statements_are_held_against_rivals(ledger: Ledger) -> None:
    matrix = HypothesisMatrix(statements=["S02", "X01"], case=POLIO, ledger=ledger)
    assert matrix.rows == ("P", "W", "I", "H")
    for row, mark in {"P": "II", "W": "C", "I": "C", "H": "N"}.items():
        matrix.mark(row, "X01", mark)
    assert "1 of 2 statements tells the rows apart" in repr(matrix)
    matrix.mark("I", "S02", "II")
    matrix.mark("P", "S02", "C")
    assert codes(matrix.findings) == ["against-nesting"]
    assert "P implies W and W implies I" in matrix.get_state()["fixed"]["nesting"]


def test_a_verdict_is_published(ledger: Ledger, tmp_path: Path) -> None:
    board = EvidenceBoard("P", case=POLIO, ledger=ledger)
    rated: dict[str, Any] = {
        "reliability": "B",
        "credibility": 2,
        "interest": "against interest",
        "because": "Her own.",
    }
    board.judge("X01", **rated, directness="direct", bearing="decisive against", origin="WHO")
    board.show(clock="since")
    board.judge("X04", **rated, directness="partly", bearing="decisive against", origin="WHO")
    desk = VerdictDesk(case=POLIO, ledger=ledger)
    desk.rate("then", rating="False", likelihood="very unlikely", because="WHO itself spoke of sixteen outbreaks.")
    desk.rate("since", rating="False", likelihood="very unlikely", because="Cases were counted all through 2020.")
    desk.write(
        headline="Wild polio is gone from Africa, polio is not", summary="WHO counted outbreaks in Africa in 2020."
    )
    desk.write(url="https://example.org/verdict.html", checked_on="2024-01-01")
    desk.cite("X01", "X04")
    page, review = desk.export(tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "Known by 31 August 2020" in text
    assert not OF_THE_FIRST.search(text.partition("</style>")[2])
    assert json.loads(review.read_text(encoding="utf-8"))["itemReviewed"]["author"]["name"] == "Blueprint"
    assert codes_of(desk) == []
    desk.rate("then", because="X04 counts 21 countries.")
    assert codes_of(desk) == ["after-clock"]
    with pytest.raises(ValueError, match="before 31 August 2020"):
        desk.write(checked_on=date(2020, 8, 30))


def codes_of(desk: VerdictDesk) -> list[str]:
    return [remark.code for remark in desk.remarks if remark.code != "one-origin"]


def test_work_on_another_case_counts_for_the_last_lesson(ledger: Ledger) -> None:
    board = EvidenceBoard("P", case=POLIO, ledger=ledger)
    rated: dict[str, Any] = {"reliability": "B", "credibility": 2, "directness": "direct", "bearing": "slight against"}
    for statement in ("S01", "S02", "S03", "X01"):
        board.judge(statement, **rated, because="Said by one who would know.")
    progress = Progress(ledger=ledger)
    assert progress.table().query("lesson == '08'").iloc[0]["there"] == 4
    assert progress.table().query("lesson == '06'").iloc[0]["there"] == 0


# --- cases side by side -----------------------------------------------------------------------------------------------


def test_a_ledger_keeps_the_same_names_of_two_cases_apart(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.json")
    first, other = SourceCards(ledger=ledger), SourceCards(case=POLIO, ledger=ledger)
    first.rate_item("S01", credibility=2)
    other.rate_item("S01", credibility=5)
    other.group("S01", "S02", into="The commission")
    board, other_board = EvidenceBoard(reading="A", ledger=ledger), EvidenceBoard("P", case=POLIO, ledger=ledger)
    board.judge("S01", bearing="none")
    other_board.judge("S01", bearing="none")
    assert (first.items["S01"].credibility, other.items["S01"].credibility) == (2, 5)
    assert first.items["S01"].origin == ""
    again = Ledger.open(tmp_path / "ledger.json")
    assert {(judged.reading, judged.statement) for judged in again.judgements()} == {("A", "S01"), ("P", "polio/S01")}
    assert [judged.statement for judged in CaseLedger(again, "polio").judgements()] == ["S01"]
    assert dict(CaseLedger(again, "polio").answers).keys() == {"item/S01", "item/S02"}
    other_board.withdraw("S01")
    assert CaseLedger(ledger, "polio").judgements("P") == ()
    assert len(ledger.judgements("A")) == 1


def test_views_of_one_ledger_follow_each_other_within_a_case_only(ledger: Ledger) -> None:
    board, beside = (EvidenceBoard("P", case=POLIO, ledger=ledger) for _ in range(2))
    other = EvidenceBoard(ledger=ledger)
    board.judge("S01", bearing="none")
    assert beside.table().set_index("statement").loc["S01", "bearing"] == "none"
    assert other.table().set_index("statement").loc["S01", "bearing"] is None
    assert board.fixed["storage_key"] == beside.fixed["storage_key"]


def test_charts_take_a_case(ledger: Ledger) -> None:
    cards = SourceCards(case=POLIO, ledger=ledger)
    assert cards.chart().title.startswith("4 statements → 4 origins")
    assert charts.origins_and_repetition(POLIO.statements, POLIO.origins).title.startswith("9 statements come from")
    with pytest.raises(AttributeError, match="This case has no 'events_weekly'"):
        _ = POLIO.events_weekly
