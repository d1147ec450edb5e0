"""The report as a page: one HTML file that needs no network and runs no script, for eyes, ears and paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any, Final

from course.charts.figure import Figure
from course.chronology import CLOCKS, clock_in_words
from course.classroom.report import charts
from course.classroom.report.findings import (
    Misconception,
    Tally,
    View,
    hardest,
    hints_opened,
    judged,
    known_by,
    misconceptions,
    needs_help,
    pooled,
    quartiles,
    shares,
    tallies,
    tenths,
    views,
)
from course.classroom.report.gathering import RESULTS, Gathered
from course.classroom.report.markup import Cell, Html, figure, items, markdown, opened, paragraph, table
from course.classroom.report.messages import without_names
from course.days import day_in_words
from course.phrases import listed, number_of
from course.pooling import SCALES, Pooled

GENERATOR: Final = "course report"

# A browser keeps to this even where something has slipped through: nothing is fetched, and nothing runs.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Facts:
    """What of the case the page speaks about.

    Parameters
    ----------
    statements : mapping of str to row
        The register by statement.
    readings : mapping of str to str
        The wording of each reading.
    """

    statements: Mapping[str, Mapping[str, Any]]
    readings: Mapping[str, str]


@dataclass(frozen=True)
class Report:
    """Everything that goes on the page.

    Parameters
    ----------
    name : str
        The class.
    made : datetime
        When the report is made.
    gathered : tuple of Gathered
        An entry for each assignment.
    reasons : mapping of str to mapping of str to str
        By assignment and student, what `course grade` said of what it flagged or could not grade.
    called : mapping of str to str
        What each student is called on the page.
    names : frozenset of str
        What must not be read on it; empty if names may be.
    facts : Facts
    """

    name: str
    made: datetime
    gathered: tuple[Gathered, ...]
    reasons: Mapping[str, Mapping[str, str]]
    called: Mapping[str, str]
    names: frozenset[str]
    facts: Facts

    def who(self, student: str) -> str:
        """Return what a student is called on the page."""
        # With a space at which no line breaks: a code is one word to its reader.
        return self.called[student].replace(" ", "\N{NO-BREAK SPACE}")

    def discreet(self, text: str) -> str:
        """Return a text without names, if names are not wanted."""
        return without_names(text, self.names) if self.names else text


def page(report: Report) -> str:
    """Return the report as one self-contained HTML page."""
    title = f"How the class did: {report.name}"
    style = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
    body = "\n".join([_head(report, title), _overview(report), *(_assignment(report, one) for one in report.gathered)])
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="{GENERATOR}">\n<title>{escape(title)}</title>\n<style>\n{style}</style>\n'
        f"</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _head(report: Report, title: str) -> str:
    made = f"{day_in_words(report.made.date())}, {report.made:%H:%M}"
    who = (
        "Learners are called by codes, which stay the same from report to report."
        if report.names
        else "This page has learners’ names on it: keep it to yourself."
    )
    entries = (
        f'<li><a href="#a{place}">{escape(one.assignment.name)}</a></li>' for place, one in enumerate(report.gathered)
    )
    return (
        f'<header>\n<h1>{escape(title)}</h1>\n<p class="note">Made on {made}, from the gradebook, the autograded '
        f'notebooks and the ledgers handed in. {who}</p>\n</header>\n<nav aria-label="Assignments">\n'
        f"<ul>{''.join(entries)}</ul>\n</nav>"
    )


def _overview(report: Report) -> str:
    rows = []
    for one in report.gathered:
        share = shares(one)
        waiting = sum(work.submission.waiting for work in one.graded.values())
        rows.append(
            (
                one.assignment.name,
                len(one.works),
                len(one.graded),
                f"{quartiles(share.values())[1]:.0%}" if share else "none yet",
                waiting,
                len(needs_help(one, report.reasons.get(one.assignment.name))),
            )
        )
    heads = ("Assignment", "Handed in", "Graded", "Median score", "Answers waiting for a person", "Learners to look at")
    made = table("All assignments", heads, rows, numbers=range(1, 6))
    return f"<section>\n<h2>At a glance</h2>\n{made}\n</section>"


def _assignment(report: Report, one: Gathered) -> str:
    place = report.gathered.index(one)
    inside = "\n".join(_section(title, parts) for title, make in _SECTIONS.items() if (parts := [*make(report, one)]))
    return f'<section id="a{place}">\n<h2>{escape(one.assignment.name)}</h2>\n{inside}\n</section>'


def _section(title: str, parts: Sequence[Html]) -> str:
    return f"<section>\n<h3>{escape(title)}</h3>\n" + "\n".join(parts) + "\n</section>"


# --- scores and checks ----------------------------------------------------------------------------------------


def _scores(_: Report, one: Gathered) -> Iterator[Html]:
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
    yield from _chart(made)
    yield table("Learners by share of the points", list(made.table.columns), made.table.values.tolist(), numbers=[1])


def _checks(_: Report, one: Gathered) -> Iterator[Html]:
    tally = tallies(one)
    if any(item.decided for item in tally):
        yield from _chart(charts.checks(tally))
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


def _hardest(report: Report, one: Gathered) -> Iterator[Html]:
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


def _misconceptions(report: Report, one: Gathered) -> Iterator[Html]:
    told = misconceptions(one, names=report.names)
    stopped = misconceptions(one, "stopped", report.names)
    if told:
        yield paragraph(
            "What the checks said, where an answer was there and not right. Messages that differ only in a learner’s "
            "own values are counted together, with an ellipsis where they differ."
        )
        yield _messages("Messages from the checks", told, one, report)
    if stopped:
        yield _messages("Errors from answers that stopped", stopped, one, report)


def _messages(caption: str, found: Sequence[Misconception], one: Gathered, report: Report) -> Html:
    rows = [
        (
            item.text,
            charts.short(one.title(item.key)),
            len(item.learners),
            ", ".join(sorted(map(report.who, item.learners))),
        )
        for item in found
    ]
    return table(caption, ("Message", "Question", "Learners", "Who"), rows, numbers=[2])


# --- judgements -----------------------------------------------------------------------------------------------


def _judgements(report: Report, one: Gathered) -> Iterator[Html]:
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
            yield from _chart(charts.spreads(seen, reading))
            yield _views(reading, seen, facts)
        else:
            yield paragraph("No statement is rated by two learners yet, so there is nothing to compare.")


def _pooled(reading: str, answers: Mapping[str, Pooled]) -> Html:
    rows = [
        (
            f"known {'today' if clock == 'since' else f'by {clock_in_words(clock)}'}",
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
        "Two sides?",
    )
    return table(f"Where views of reading {reading} differ, widest first", heads, rows, numbers=range(2, 8))


def _percent(chance: float) -> str:
    return "under 1%" if chance < 0.01 else "over 99%" if chance > 0.99 else f"{chance:.0%}"


# --- hints and help -------------------------------------------------------------------------------------------


def _hints(_: Report, one: Gathered) -> Iterator[Html]:
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


def _help(report: Report, one: Gathered) -> Iterator[Html]:
    found = needs_help(one, report.reasons.get(one.assignment.name))
    if not found:
        yield paragraph("Nobody stands out: everybody handed in, and has at least half of the checks right.")
        return
    rows = sorted(
        (report.who(student), items(map(report.discreet, why)) if len(why) > 1 else report.discreet(why[0]))
        for student, why in found.items()
    )
    yield table("Learners to look at", ("Learner", "Why"), rows)


def _chart(made: Figure) -> Iterator[Html]:
    try:
        yield figure(made.title, made.svg())
    except ImportError:
        # Without vl-convert there is no picture; the table beside it says the same.
        return


_SECTIONS: Final[Mapping[str, Callable[[Report, Gathered], Iterator[Html]]]] = {
    "Scores": _scores,
    "Who needs help": _help,
    "Questions": _checks,
    "The hardest checks": _hardest,
    "What was misunderstood": _misconceptions,
    "Where judgements differ": _judgements,
    "Hints opened": _hints,
}
