"""What ``course grade`` shows: what happens while it happens, and a summary at the end.

On a terminal a table moves; anywhere else, and where ``--plain`` asks for it, there is one plain line for each
submission, which a screen reader and a log file can follow.
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
from course.classroom.grading.workers import Began, Ended
from course.classroom.sandbox import Layer

STYLES: Final[Mapping[Result, str]] = {
    "graded": "green",
    "needs marking": "cyan",
    "flagged": "magenta",
    "failed": "red",
}


def follow(events: Iterable[Began | Ended | None], total: int, console: Console, *, plain: bool) -> Iterator[Ended]:
    """Show events as they come, and pass on those that end a submission.

    Parameters
    ----------
    events : iterable
        As `Run.grade` yields them.
    total : int
        How many submissions there are to grade.
    console : rich.console.Console
        Where to show them.
    plain : bool
        One line for each submission instead of a table that moves.
    """
    if plain:
        done = 0
        for event in events:
            if isinstance(event, Ended):
                done += 1
                console.print(Text(f"{done} of {total}: {event.submission}: ") + in_short(event.outcome))
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
    # Without Rich's thread for refreshing: workers are started as copies of this process.
    with Live(get_renderable=lambda: Group(_at_work(at_work), bar), console=console, auto_refresh=False) as live:
        for event in events:
            live.refresh()
            if isinstance(event, Began):
                at_work[event.submission] = time.monotonic()
            if not isinstance(event, Ended):
                continue
            at_work.pop(event.submission, None)
            bar.advance(whole)
            if event.outcome.result in ("failed", "flagged") or event.outcome.notes:
                live.console.print(Text(f"{event.submission}: ") + in_short(event.outcome))
            yield event
        at_work.clear()


def _at_work(at_work: Mapping[Submission, float]) -> Table:
    table = Table.grid(padding=(0, 2))
    for submission, since in sorted(at_work.items()):
        table.add_row(Text(submission.student), Text(submission.assignment), f"{time.monotonic() - since:.0f} s")
    return table


def in_short(outcome: Outcome) -> Text:
    """Return an outcome in one line."""
    text = Text(outcome.result, STYLES[outcome.result])
    if outcome.score is not None:
        text.append(f", {outcome.score:g} of {outcome.max_score:g} points", "default")
    return text.append("".join(f". {part.rstrip('.')}" for part in (outcome.reason, *outcome.notes) if part), "default")


def say_layers(layers: Sequence[Layer], console: Console) -> None:
    """Say which layers of isolation are there, and which are not."""
    active = ", ".join(layer.name for layer in layers if layer.active)
    console.print(Text(f"Isolation: {active or 'none'}."))
    for layer in layers:
        if not layer.active:
            console.print(Text(f"Not here: {layer.name} ({layer.detail})."))


def summarise(
    new: Mapping[Submission, Outcome], settled: Mapping[Submission, Outcome], left: int, console: Console
) -> None:
    """Say what became of everybody: numbers first, then each submission that somebody has to look at, with why."""
    counts = Counter(outcome.result for outcome in new.values())
    parts = [f"{counts[result]} {result}" for result in STYLES if counts[result]]
    console.print(Text(f"Graded now: {', '.join(parts) or 'nothing new'}."))
    if settled:
        console.print(Text(f"Graded before and unchanged: {len(settled)} (--force grades them again)."))
    if left:
        console.print(Text(f"Not graded yet: {left}. Run the same command again; it goes on from here."))
    look = {item: outcome for item, outcome in {**settled, **new}.items() if outcome.result in ("flagged", "failed")}
    if look:
        table = Table(title="To look at", title_justify="left")
        for heading, ratio in (("Student", 2), ("Assignment", 2), ("Result", 1), ("Why", 5)):
            table.add_column(heading, overflow="fold", ratio=ratio)
        for submission, outcome in sorted(look.items()):
            why = " ".join((outcome.reason, *outcome.notes))
            result = Text(outcome.result, STYLES[outcome.result])
            table.add_row(Text(submission.student), Text(submission.assignment), result, Text(why))
        console.print(table)


def document(
    new: Mapping[Submission, Outcome], settled: Mapping[Submission, Outcome], left: Iterable[Submission], **about: Any
) -> dict[str, Any]:
    """Return the whole of a run as JSON takes it: what ``course grade --json`` prints.

    Its keys:

    - ``course``: the course's folder; ``workers``; ``seconds`` of the whole run; ``interrupted``: whether by Ctrl+C.
    - ``isolation``: ``"full"`` or ``"reduced"``, as asked for; ``layers``: a list of ``name``, ``active``, ``detail``.
    - ``notes``: what the instructor should know of the whole, in words.
    - ``counts``: how many have which result.
    - ``submissions``: a sorted list of ``assignment``, ``student``, ``earlier`` (graded before this run, and unchanged)
      and ``result`` (graded, needs marking, flagged, failed). Where there is any, also ``reason`` and ``notes`` in
      words, ``score`` and ``max_score`` in points, ``seconds`` it took, and ``detail``, a traceback.
    - ``not_graded``: a list of ``assignment`` and ``student`` that an interrupted run did not come to.

    Parameters
    ----------
    new, settled : mapping
        What became of whom in this run, and before it.
    left : iterable of Submission
        What was not graded.
    **about
        Everything else, as it stands above.
    """
    counts = Counter(outcome.result for outcome in (*new.values(), *settled.values()))
    entries = [
        {"assignment": item.assignment, "student": item.student, "earlier": item in settled, **outcome.to_dict()}
        for item, outcome in sorted({**settled, **new}.items())
    ]
    waiting = [{"assignment": item.assignment, "student": item.student} for item in sorted(left)]
    return about | {"counts": dict(counts), "submissions": entries, "not_graded": waiting}
