"""The part of the page about judgements: the class's pooled answer, how far it agrees, and where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from course.classroom.report import charts
from course.classroom.report.content import Report
from course.classroom.report.findings import View, judged, known_by, pooled, views
from course.classroom.report.load import Gathered
from course.classroom.report.markup import Cell, Html, chart, paragraph, table
from course.methods.chronology import CLOCKS, describe_clock
from course.weighing.pooling import SCALES, Pooled
from course.wording import listed


def judgements(report: Report, one: Gathered) -> Iterator[Html]:
    """Yield what the class makes of each reading that it has rated."""
    facts = report.facts.statements
    for reading, by_learner in judged(one, facts).items():
        yield Html(f"<h4>Reading {reading}: {escape(report.facts.readings[reading])}</h4>")
        answers = {
            clock: answer
            for clock, day in CLOCKS.items()
            if (answer := pooled(known_by(by_learner, facts, day), reading)) is not None
        }
        yield _pooled(reading, answers)
        yield _agreement(reading, answers)
        if seen := views(by_learner):
            yield from chart(charts.spreads(seen, reading))
            yield _views(reading, seen, facts)
        else:
            yield paragraph("No statement is rated by two learners yet, so there is nothing to compare.")


def _pooled(reading: str, answers: Mapping[str, Pooled]) -> Html:
    rows = [
        (
            f"known {'today' if clock == 'since' else f'by {describe_clock(clock)}'}",
            answer.learners,
            f"{answer.word} ({_percent(answer.posterior)})",
            f"{_percent(answer.spread.low)} to {_percent(answer.spread.high)}",
            listed([f"{count} {name}" for name, count in answer.words.items()]),
        )
        for clock, answer in answers.items()
    ]
    heads = ("Counting what was", "Learners", "Pooled answer", "Middle half of the class", "Words arrived at")
    note = Html(
        '<p class="note">The pooled answer is the median of the learners’ log-odds, from an even start. Learners who '
        "read the same page share its gaps, so the spread says more than the answer.</p>"
    )
    return Html(f"{table(f'The class’s pooled answer to reading {reading}', heads, rows, numbers=[1])}\n{note}")


def _agreement(reading: str, answers: Mapping[str, Pooled]) -> Html:
    answer = list(answers.values())[-1]
    alphas = [
        "no value" if (alpha := answer.agreement[scale]) is None else f"{alpha:.2f}".replace("-", "−")
        for scale in SCALES
    ]
    note = Html(
        '<p class="note">1 is full agreement and 0 is chance. Where nearly all ratings are alike, a single other one '
        "drives it down. F and 6 mean unknown and are left out. No value: too few ratings in common, or all alike.</p>"
    )
    heads = ("Krippendorff’s alpha", *SCALES)
    made = table(f"Agreement on the ratings for reading {reading}", heads, [("ordinal", *alphas)], numbers=range(1, 5))
    return Html(f"{made}\n{note}")


def _views(reading: str, seen: Sequence[View], facts: Mapping[str, Mapping[str, Any]]) -> Html:
    rows: list[tuple[Cell, ...]] = [
        (
            view.statement,
            str(facts[view.statement]["content"]),
            *(view.counts[side] for side in ("for", "against", "neither")),
            charts.signed(view.weights[2]),
            f"{charts.signed(view.weights[0])} to {charts.signed(view.weights[-1])}",
            f"{charts.signed(view.weights[1])} to {charts.signed(view.weights[3])}",
            f"{view.spread:.1f}",
            "yes" if view.split else "no",
        )
        for view in seen
    ]
    heads = (
        "Statement",
        "What it says",
        "For",
        "Against",
        "Neither",
        "Median (dB)",
        "From and to (dB)",
        "Middle half (dB)",
        "Its width (dB)",
        "Two sides?",
    )
    return table(f"Where views of reading {reading} differ, widest first", heads, rows, numbers=range(2, 9))


def _percent(chance: float) -> str:
    return "under 1%" if chance < 0.01 else "over 99%" if chance > 0.99 else f"{chance:.0%}"
