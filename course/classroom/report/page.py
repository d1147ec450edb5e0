"""The report as a page: one HTML file that needs no network and runs no script, for eyes, ears and paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any, Final

from course.case import Case
from course.classroom.report import charts, findings
from course.classroom.report.load import RESULTS, AssignmentResults, Result
from course.classroom.report.messages import without_names
from course.classroom.report.pseudonyms import PLACE as PSEUDONYMS
from course.ledger.judgement import Judgement
from course.methods.chronology import describe_clock
from course.weighing import explain
from course.weighing.pooling import SCALES, pool
from course.wording import listed, percent
from course.wording.pages import render

if TYPE_CHECKING:
    from course.charts import Figure

MARK: Final = '<meta name="generator" content="course report">'
"""Identifies a report, so that only a report is ever replaced by a new one."""


@dataclass(frozen=True)
class Report:
    """Everything that goes on the page.

    Parameters
    ----------
    name : str
        The class.
    created : datetime
    assignments : tuple of AssignmentResults
    reasons : mapping of str to mapping of str to str
        By assignment and student, why `course grade` could not grade a submission.
    learners : mapping of str to str
        What each student is called on the page.
    hidden_names : frozenset of str
        What must not be read on the page; empty if names may be.
    cases : tuple of Case
        The cases whose statements learners may have rated.
    """

    name: str
    created: datetime
    assignments: tuple[AssignmentResults, ...]
    reasons: Mapping[str, Mapping[str, str]]
    learners: Mapping[str, str]
    hidden_names: frozenset[str]
    cases: tuple[Case, ...]

    def learner(self, student: str) -> str:
        """Return what a student is called on the page."""
        # With a space at which no line breaks: a code is one word to its reader.
        return self.learners[student].replace(" ", "\N{NO-BREAK SPACE}")


def page(report: Report) -> str:
    """Return the report as one self-contained HTML page."""
    return render(
        __package__,
        "report.html.j2",
        report=report,
        mark=MARK,
        pseudonyms=PSEUDONYMS,
        assignments=[_assignment(report, results) for results in report.assignments],
    )


def _assignment(report: Report, results: AssignmentResults) -> dict[str, Any]:
    """Return what the template shows of an assignment."""
    graded = results.graded.values()
    shares = list(findings.shares(results).values())
    quartiles = [f"{share:.0%}" for share in findings.quartiles(shares)] if shares else []
    needs_help = _help(report, results)
    return {
        "name": results.assignment.name,
        "overview": (
            results.assignment.name,
            len(results.works),
            len(graded),
            quartiles[1] if quartiles else "none yet",
            sum(work.submission.waiting for work in graded),
            len(needs_help),
        ),
        "figures": {
            "handed in": f"{len(results.works)} of {len(results.works) + len(results.absent)}",
            "graded": len(graded),
            "worth": f"{results.assignment.points:g} points",
            "late": sum(work.submission.seconds_late > 0 for work in graded),
        },
        "quartiles": quartiles,
        "scores": _drawn(charts.scores(findings.deciles(shares), shares)) if shares else None,
        "help": needs_help,
        "checks": _checks(results) if graded else None,
        "hardest": _hardest(report, results),
        "messages": _messages(report, results, "not yet"),
        "errors": _messages(report, results, "stopped"),
        "readings": [
            _reading(case, reading, by_learner)
            for case in report.cases
            for reading, by_learner in findings.judgements(results, case).items()
        ],
        "hints": _hints(results),
    }


def _drawn(figure: Figure) -> tuple[Figure, str]:
    """Return a chart with its picture, which is empty where vl-convert is not installed."""
    with suppress(ImportError):
        return figure, figure.svg()
    return figure, ""


def _help(report: Report, results: AssignmentResults) -> list[tuple[str, str | list[str]]]:
    """Return who needs help and why, without names if names are not wanted."""
    needs_help = findings.needs_help(results, report.reasons.get(results.assignment.name, {}))
    rows = []
    for student in sorted(needs_help, key=lambda student: _natural(report.learner(student))):
        reasons = [without_names(reason, report.hidden_names) for reason in needs_help[student]]
        rows.append((report.learner(student), reasons if len(reasons) > 1 else reasons[0]))
    return rows


def _checks(results: AssignmentResults) -> dict[str, Any]:
    tallies = findings.tallies(results)
    used = [result for result in RESULTS if any(tally.counts[result] for tally in tallies)]
    rows = [
        (
            tally.title,
            f"{tally.check.points:g}",
            f"{tally.right:.0%}" if tally.decided else "none decided",
            *(tally.counts[result] for result in used),
        )
        for tally in tallies
    ]
    chart = _drawn(charts.checks(tallies)) if any(tally.decided for tally in tallies) else None
    return {"chart": chart, "results": used, "rows": rows}


def _hardest(report: Report, results: AssignmentResults) -> list[dict[str, Any]]:
    """Return the hardest checks, each with its first messages and its question's words."""
    misconceptions = findings.misconceptions(results, names=report.hidden_names)
    return [
        {
            "tally": tally,
            "short": charts.short(tally.title),
            "others": [f"{count} {result}" for result, count in tally.counts.items() if result != "right" and count],
            "messages": [message for message in misconceptions if message.key == tally.check.key][:3],
            "wording": _markdown(tally.wording),
        }
        for tally in findings.hardest(findings.tallies(results))
    ]


def _messages(report: Report, results: AssignmentResults, result: Result) -> list[tuple[str, str, int, str]]:
    return [
        (
            message.text,
            charts.short(results.title(message.key)),
            len(message.learners),
            _some(map(report.learner, message.learners)),
        )
        for message in findings.misconceptions(results, result, report.hidden_names)
    ]


def _reading(case: Case, reading: str, by_learner: Mapping[str, tuple[Judgement, ...]]) -> dict[str, Any]:
    """Return the class's pooled answer to a reading, how far it agrees, and where it does not."""
    pooled = {
        clock: pool(known, reading, subject=case.subject)
        for clock, day in case.subject.clocks.items()
        if (known := findings.known_by(by_learner, case, day))
    }
    weights = findings.statement_weights(by_learner)
    return {
        "name": reading,
        "text": case.row("readings", reading)["text"],
        "pooled": [
            (
                f"known {'today' if clock == 'since' else f'by {describe_clock(clock, case.subject)}'}",
                answer.learners,
                f"{answer.word} ({percent(answer.posterior)})",
                f"{percent(answer.spread.low)} to {percent(answer.spread.high)}",
                listed([f"{count} {word}" for word, count in answer.words.items()]),
            )
            for clock, answer in pooled.items()
        ],
        "agreement": {scale: explain.alpha(list(pooled.values())[-1].agreement[scale]) for scale in SCALES},
        "chart": _drawn(charts.spreads(weights, reading)) if weights else None,
        "statements": [
            (
                view.statement,
                case.row("statements", view.statement)["content"],
                *view.counts.values(),
                charts.signed(view.median),
                f"{charts.signed(view.lowest)} to {charts.signed(view.highest)}",
                f"{charts.signed(view.first)} to {charts.signed(view.third)}",
                f"{view.spread:.1f}",
                "yes" if view.split else "no",
            )
            for view in weights
        ],
    }


def _hints(results: AssignmentResults) -> dict[str, Any] | None:
    opened = findings.hints_opened(results)
    if not any(map(any, opened.values())):
        return None
    most = max(map(len, opened.values()))
    return {
        "heads": ["Question", *(f"Hint {number}" for number in range(1, most + 1))],
        "rows": [(name, *counts, *[""] * (most - len(counts))) for name, counts in opened.items() if any(counts)],
        "unopened": [name for name, counts in opened.items() if not any(counts)],
    }


def _markdown(source: str) -> str:
    """Return a question's wording as HTML. No address in it is fetched or followed; HTML in it is shown as text."""
    # Imported here because only a report needs it; nbconvert brings it along.
    from mistune import HTMLRenderer, create_markdown

    class Renderer(HTMLRenderer):
        """Markdown without what would lead out of the page, or upset its headings."""

        def link(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
            return text

        def image(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
            return f"({escape(text)})" if text else ""

        def heading(self, text: str, level: int, **attrs: Any) -> str:  # noqa: ARG002
            return f"<p><strong>{text}</strong></p>\n"

    return str(create_markdown(escape=True, renderer=Renderer(escape=True), plugins=["table"])(source))


def _some(names: Iterable[str], most: int = 12) -> str:
    """Return names in a line, and how many more there are."""
    ordered = sorted(names, key=_natural)
    more = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return f"{', '.join(ordered[:most])}{more}"


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a sort key that puts learner 14 before learner 101."""
    return [(int(part), "") if part.isdecimal() else (0, part.casefold()) for part in re.split(r"(\d+)", name)]
