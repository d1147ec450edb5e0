"""The report as a page: one HTML file that needs no network and runs no script, for eyes, ears and paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

from course.classroom.report import disagreement, sections
from course.classroom.report.content import Report
from course.classroom.report.findings import needs_help, quartiles, shares
from course.classroom.report.load import Gathered
from course.classroom.report.markup import Html, table
from course.classroom.report.pseudonyms import PLACE as CODES
from course.wording import format_day

MARK: Final = '<meta name="generator" content="course report">'
"""By this a report is known, so that only a report is ever replaced by one."""

# A browser keeps to this even where something has slipped through: nothing is fetched, and nothing runs.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"

_SECTIONS: Final[Mapping[str, Callable[[Report, Gathered], Iterator[Html]]]] = {
    "Scores": sections.scores,
    "Who needs help": sections.help_needed,
    "Questions": sections.checks,
    "The hardest checks": sections.hardest_checks,
    "What was misunderstood": sections.misunderstood,
    "Where judgements differ": disagreement.judgements,
    "Hints opened": sections.hints,
}


def page(report: Report) -> str:
    """Return the report as one self-contained HTML page."""
    title = f"How the class did: {report.name}"
    style = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
    assignments = (_assignment(report, place) for place in range(len(report.gathered)))
    body = "\n".join([_head(report, title), _overview(report), *assignments])
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{MARK}\n<title>{escape(title)}</title>\n<style>\n{style}</style>\n"
        f"</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _head(report: Report, title: str) -> str:
    made = f"{format_day(report.made.date())}, {report.made:%H:%M}"
    who = (
        f"Learners are called by codes, which stay the same from report to report. Who is who stands in {CODES} in the "
        "course’s folder."
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


def _assignment(report: Report, place: int) -> str:
    one = report.gathered[place]
    inside = "\n".join(_section(title, parts) for title, make in _SECTIONS.items() if (parts := [*make(report, one)]))
    return f'<section id="a{place}">\n<h2>{escape(one.assignment.name)}</h2>\n{inside}\n</section>'


def _section(title: str, parts: Sequence[Html]) -> str:
    return f"<section>\n<h3>{escape(title)}</h3>\n" + "\n".join(parts) + "\n</section>"
