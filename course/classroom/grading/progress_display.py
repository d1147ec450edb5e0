"""Show the progress of ``course grade``, and a summary at the end.

On a terminal this is a live table. Elsewhere, and with ``--plain``, it is one line for each submission, which suits
screen readers and log files.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from course.classroom.gradebook.outcome import Outcome, Result, Submission
from course.classroom.grading.workers import SubmissionFinished, SubmissionStarted
from course.classroom.sandbox import Layer
from course.wording.printable import printable

STYLES: Final[Mapping[Result, str]] = {
    "graded": "green",
    "needs marking": "cyan",
    "failed": "red",
}


def follow(
    events: Iterable[SubmissionStarted | SubmissionFinished | None], total: int, console: Console, *, plain: bool
) -> Iterator[SubmissionFinished]:
    """Show events as they come, and yield those that finish a submission.

    Parameters
    ----------
    events : iterable
        The events of `Run.grade`.
    total : int
        How many submissions there are to grade.
    console : rich.console.Console
        Where to show them.
    plain : bool
        Print one line for each submission instead of a live table.
    """
    if plain:
        done = 0
        for event in events:
            if isinstance(event, SubmissionFinished):
                done += 1
                console.print(_text(f"{done} of {total}: {event.submission}: ") + format_outcome(event.outcome))
                yield event
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    whole = bar.add_task("Grading", total=total)
    at_work: dict[Submission, float] = {}
    # No refresh thread: workers are forked from this process, which must have one thread only.
    with Live(get_renderable=lambda: Group(_at_work(at_work), bar), console=console, auto_refresh=False) as live:
        for event in events:
            live.refresh()
            if isinstance(event, SubmissionStarted):
                at_work[event.submission] = time.monotonic()
            if not isinstance(event, SubmissionFinished):
                continue
            at_work.pop(event.submission, None)
            bar.advance(whole)
            if event.outcome.result == "failed" or event.outcome.notes:
                live.console.print(_text(f"{event.submission}: ") + format_outcome(event.outcome))
            yield event
        at_work.clear()


def _at_work(at_work: Mapping[Submission, float]) -> Table:
    table = Table.grid(padding=(0, 2))
    for submission, since in sorted(at_work.items()):
        table.add_row(_text(submission.student), _text(submission.assignment), f"{time.monotonic() - since:.0f} s")
    return table


def format_outcome(outcome: Outcome) -> Text:
    """Return an outcome as one line of text."""
    text = Text(outcome.result, STYLES[outcome.result])
    if outcome.score is not None:
        text.append(f", {outcome.score:g} of {outcome.max_score:g} points", "default")
    why = "".join(f". {part.rstrip('.')}" for part in (outcome.reason, *outcome.notes) if part)
    return text.append(printable(why), "default")


def _text(text: str) -> Text:
    """Return text that may hold a learner's, such as the name of a file."""
    return Text(printable(text))


def print_layers(layers: Sequence[Layer], console: Console) -> None:
    """Print which isolation layers are active and which are not."""
    active = ", ".join(layer.name for layer in layers if layer.active)
    console.print(Text(f"Isolation: {active or 'none'}."))
    for layer in layers:
        if not layer.active:
            console.print(Text(f"Not available: {layer.name} ({layer.detail})."))


def print_summary(
    new: Mapping[Submission, Outcome], settled: Mapping[Submission, Outcome], remaining: int, console: Console
) -> None:
    """Print the counts of each result, then each submission that needs attention, with the reason."""
    counts = Counter(outcome.result for outcome in new.values())
    parts = [f"{counts[result]} {result}" for result in STYLES if counts[result]]
    console.print(Text(f"Graded now: {', '.join(parts) or 'nothing new'}."))
    if settled:
        console.print(Text(f"Graded before and unchanged: {len(settled)} (--force grades them again)."))
    if remaining:
        console.print(Text(f"Not graded yet: {remaining}. Run the same command again to continue."))
    problems = {submission: outcome for submission, outcome in {**settled, **new}.items() if outcome.result == "failed"}
    if problems:
        table = Table(title="Problems", title_justify="left")
        for heading, ratio in (("Student", 2), ("Assignment", 2), ("Result", 1), ("Why", 5)):
            table.add_column(heading, overflow="fold", ratio=ratio)
        for submission, outcome in sorted(problems.items()):
            why = " ".join((outcome.reason, *outcome.notes))
            result = Text(outcome.result, STYLES[outcome.result])
            table.add_row(_text(submission.student), _text(submission.assignment), result, _text(why))
        console.print(table)


def document(
    new: Mapping[Submission, Outcome],
    settled: Mapping[Submission, Outcome],
    remaining: Iterable[Submission],
    **about: Any,
) -> dict[str, Any]:
    """Return the JSON document that ``course grade --json`` prints.

    Its keys:

    - ``course``: the course's folder; ``workers``; ``seconds`` of the whole run; ``interrupted``: whether by Ctrl+C.
    - ``isolation``: ``"full"`` or ``"reduced"``, as requested; ``layers``: a list of ``name``, ``active``, ``detail``.
    - ``notes``: what the instructor should know about the whole run.
    - ``counts``: the number of submissions by result.
    - ``submissions``: a sorted list of ``assignment``, ``student``, ``earlier`` (graded before this run, and unchanged)
      and ``result`` (graded, needs marking, failed). If known, also ``reason`` and ``notes`` as text,
      ``score`` and ``max_score`` in points, the ``seconds`` it took, and ``detail``, a traceback.
    - ``not_graded``: a list of ``assignment`` and ``student`` that an interrupted run did not reach.

    Parameters
    ----------
    new, settled : mapping
        The outcomes of this run, and those of earlier runs.
    remaining : iterable of Submission
        The submissions that were not graded.
    **about
        The other keys of the list above.
    """
    counts = Counter(outcome.result for outcome in (*new.values(), *settled.values()))
    entries = [
        {"assignment": item.assignment, "student": item.student, "earlier": item in settled, **outcome.to_dict()}
        for item, outcome in sorted({**settled, **new}.items())
    ]
    waiting = [{"assignment": item.assignment, "student": item.student} for item in sorted(remaining)]
    return about | {"counts": dict(counts), "submissions": entries, "not_graded": waiting}
