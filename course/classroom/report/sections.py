"""The parts of the page about an assignment's scores, questions, messages, hints, and who needs help."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from course.classroom.report import charts
from course.classroom.report.content import Report
from course.classroom.report.findings import (
    Misconception,
    Tally,
    hardest,
    hints_opened,
    misconceptions,
    needs_help,
    quartiles,
    shares,
    tallies,
    tenths,
)
from course.classroom.report.load import RESULTS, Gathered
from course.classroom.report.markup import Cell, Html, chart, items, markdown, opened, paragraph, table
from course.wording import listed, number_of


def scores(_: Report, one: Gathered) -> Iterator[Html]:
    """Yield how many points learners have."""
    share = shares(one)
    late = sum(work.submission.seconds_late > 0 for work in one.graded.values())
    figures = {
        "handed in": f"{len(one.works)} of {len(one.works) + len(one.absent)}",
        "graded": f"{len(one.graded)}",
        "worth": f"{one.assignment.points:g} points",
        "late": f"{late}",
    }
    entries = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in figures.items())
    yield Html(f'<dl class="figures">{entries}</dl>')
    if not share:
        yield paragraph("No submission is graded yet.")
        return
    first, middle, third = quartiles(share.values())
    yield paragraph(
        f"Of the points decided so far, half of the class has {middle:.0%} or more, a quarter has {first:.0%} or less, "
        f"and a quarter {third:.0%} or more."
    )
    made = charts.scores(tenths(share.values()), list(share.values()))
    yield from chart(made)
    yield table("Learners by share of the points", list(made.table.columns), made.table.values.tolist(), numbers=[1])


def checks(_: Report, one: Gathered) -> Iterator[Html]:
    """Yield how each question went."""
    tally = tallies(one)
    if any(item.decided for item in tally):
        yield from chart(charts.checks(tally))
    if one.graded:
        used = [name for name in RESULTS if any(item.counts[name] for item in tally)]
        heads = ("Question", "Points", "Share right", *(name.capitalize() for name in used))
        rows: list[tuple[Cell, ...]] = [
            (
                item.title,
                f"{item.check.points:g}",
                f"{item.right:.0%}" if item.decided else "none decided",
                *(item.counts[name] for name in used),
            )
            for item in tally
        ]
        yield table("How each question went, by number of learners", heads, rows, numbers=range(1, len(heads)))
        yield Html(f'<p class="note">{escape(_LEGEND)}</p>')


_LEGEND: Final = (
    "Right: every point. Partly: some points. Not yet: the check had something to say. Stopped: the answer’s own code "
    "raised an error. Not run: the notebook ended before it. Waiting: for a person; these do not count in the share."
)


def hardest_checks(report: Report, one: Gathered) -> Iterator[Html]:
    """Yield the hardest checks, each with its messages and its question's words."""
    found = misconceptions(one, names=report.names)
    for item in hardest(tallies(one)):
        yield _hard(item, [told for told in found if told.key == item.check.key][:3])


def _hard(item: Tally, told: Sequence[Misconception]) -> Html:
    counted = [f"{item.counts[name]} {name}" for name in RESULTS if name != "right" and item.counts[name]]
    parts = [
        Html(f"<h4>{escape(item.title)}</h4>"),
        paragraph(f"{item.counts['right']} of {item.decided} right; {listed(counted)}."),
    ]
    if told:
        parts.append(items(f"{one.text} ({number_of(len(one.learners), 'learner')})" for one in told))
    if item.wording:
        name = f"The wording of {charts.short(item.title)}"
        parts.append(opened(name, markdown(item.wording, name)))
    return Html("\n".join(parts))


def misunderstood(report: Report, one: Gathered) -> Iterator[Html]:
    """Yield what learners were told."""
    told = misconceptions(one, names=report.names)
    stopped = misconceptions(one, "stopped", report.names)
    if told:
        yield paragraph(
            "What the checks said, where an answer was there and not right. Messages that differ only in a learner’s "
            "own values are counted together, with an ellipsis where they differ."
        )
        yield from _messages("Messages from the checks", told, one, report)
    if stopped:
        yield from _messages("Errors from answers that stopped", stopped, one, report)


def _messages(caption: str, found: Sequence[Misconception], one: Gathered, report: Report) -> Iterator[Html]:
    """Yield what several were told as a table, and what only one was told, which in a large class is long, below it."""
    several = [item for item in found if len(item.learners) > 1]
    single = [item for item in found if len(item.learners) == 1]
    if several:
        yield _message_table(caption, several, one, report)
    if single:
        name = f"{caption}, to one learner each"
        yield opened(f"{name} ({len(single)})", _message_table(name, single, one, report))


def _message_table(caption: str, found: Sequence[Misconception], one: Gathered, report: Report) -> Html:
    rows = [
        (item.text, charts.short(one.title(item.key)), len(item.learners), _some(map(report.who, item.learners)))
        for item in found
    ]
    return table(caption, ("Message", "Question", "Learners", "Who"), rows, numbers=[2])


def _some(names: Iterable[str], most: int = 12) -> str:
    """Return names in a line, and how many more there are."""
    ordered = sorted(names, key=_by_number)
    more = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return f"{', '.join(ordered[:most])}{more}"


def hints(_: Report, one: Gathered) -> Iterator[Html]:
    """Yield which hints were opened."""
    opened_by = hints_opened(one)
    if not any(map(any, opened_by.values())):
        return
    most = max(map(len, opened_by.values()))
    heads = ("Question", *(f"Hint {number}" for number in range(1, most + 1)))
    rows: list[tuple[Cell, ...]] = [
        (question, *counts, *[""] * (most - len(counts))) for question, counts in opened_by.items() if any(counts)
    ]
    yield table("Learners who opened each hint", heads, rows, numbers=range(1, most + 1))
    if unopened := [question for question, counts in opened_by.items() if not any(counts)]:
        yield paragraph(f"Nobody opened a hint for {listed(unopened)}.")


def help_needed(report: Report, one: Gathered) -> Iterator[Html]:
    """Yield who needs help, and why."""
    found = needs_help(one, report.reasons.get(one.assignment.name))
    if not found:
        yield paragraph("Nobody stands out: everybody handed in, and has at least half of the checks right.")
        return
    rows = [
        (report.who(student), items(map(report.discreet, why)) if len(why) > 1 else report.discreet(why[0]))
        for student, why in sorted(found.items(), key=lambda one: _by_number(report.who(one[0])))
    ]
    yield table("Learners to look at", ("Learner", "Why"), rows)


def _by_number(name: str) -> list[tuple[int, str]]:
    """Return what puts learner 14 before learner 101."""
    return [(int(part), "") if part.isdecimal() else (0, part.casefold()) for part in re.split(r"(\d+)", name)]
