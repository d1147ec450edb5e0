"""Run ``course grade``, from its options to its exit code."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from course.classroom import sandbox
from course.classroom.gradebook.course_folder import CourseError, find_course
from course.classroom.gradebook.journal import InUseError
from course.classroom.gradebook.outcome import Outcome, Submission
from course.classroom.grading import progress_display
from course.classroom.grading.execute import Execute
from course.classroom.grading.run import Run
from course.classroom.grading.submission import SubmissionOptions, describe_error
from course.classroom.grading.workers import SubmissionFinished, SubmissionStarted, WorkerError
from course.wording.printable import printable

ALL_GRADED, SOME_NOT, CANNOT = 0, 1, 2
Event = SubmissionStarted | SubmissionFinished | None
MOST_WORKERS_FOR_A_CLUSTER: Final = 32
"""Each worker takes some 150 MB on this machine and mostly waits."""


@dataclass(frozen=True)
class GradeOptions:
    """The command line's options.

    Parameters
    ----------
    assignments, students : sequence of str
        Names of the assignments and students to grade; empty for all.
    workers : int or None
        How many submissions to grade at the same time; None for one on each core.
    force : bool
        Also grade submissions that have not changed.
    feedback : bool
        Also write feedback pages.
    scheduler : str
        Address of the Dask cluster that runs the notebooks; empty to run them on this machine.
    reduced : bool
        Grade even where submissions cannot be kept from the instructor's files.
    plain : bool
        Print one line for each submission instead of a live table.
    as_json : bool
        Print one JSON document on standard output, and everything else on standard error.
    """

    assignments: Sequence[str] = ()
    students: Sequence[str] = ()
    workers: int | None = None
    force: bool = False
    feedback: bool = False
    scheduler: str = ""
    reduced: bool = False
    plain: bool = False
    as_json: bool = False


def grade_class(start: Path, options: GradeOptions) -> int:
    """Grade the class of the course folder at or above `start`, print the progress, and return the exit code."""
    stream = sys.stderr if options.as_json else sys.stdout
    # Wrap lines only on a terminal: log files and programs need them whole.
    console = Console(file=stream, highlight=False, soft_wrap=not stream.isatty())
    try:
        with _Interruption() as interruption:
            run = Run(find_course(start))
            layers, cores = _local_resources() if not options.scheduler else _cluster_resources(options.scheduler, run)
            if not sandbox.has_barrier(layers) and not options.reduced:
                raise CourseError(
                    "This machine cannot keep submissions away from your files, so nothing was graded. "
                    "Grade on Linux 5.13 or newer, or accept the risk with: --isolation reduced"
                )
            with run.journal.locked() as locked:
                if not locked:
                    console.print(
                        "This drive does not support file locks. Make sure that nobody else grades this course now."
                    )
                return _grade(run, options, layers, options.workers or cores, console, interruption)
    except (CourseError, InUseError, WorkerError) as error:
        typer.echo(str(error), err=True)
        return CANNOT
    except (OSError, SQLAlchemyError) as error:
        # A locked gradebook, a folder that cannot be written to, a full disk.
        typer.echo(printable(f"Nothing was graded. {describe_error(error)}"), err=True)
        return CANNOT


def _grade(  # noqa: PLR0917 - what one run needs
    run: Run,
    options: GradeOptions,
    layers: Sequence[sandbox.Layer],
    workers: int,
    console: Console,
    interruption: _Interruption,
) -> int:
    started = time.monotonic()
    plan = run.plan(options.assignments, options.students, force=options.force)
    progress_display.print_layers(layers, console)
    for note in plan.notes:
        console.print(Text(printable(note)))
    submission_options = SubmissionOptions(
        run.root, feedback=options.feedback, reduced=options.reduced, scheduler=options.scheduler
    )
    about: dict[str, Any] = {
        "isolation": "reduced" if options.reduced else "full",
        "layers": [asdict(layer) for layer in layers],
    }
    new: dict[Submission, Outcome] = dict(plan.ungradable)
    plain = options.plain or not console.is_terminal or console.is_dumb_terminal
    stopped_by = ""
    try:
        interruption.heed()
        with contextlib.closing(run.grade(plan, submission_options, workers, **about)) as events:
            for event in progress_display.follow(interruption.heeded(events), len(plan.to_do), console, plain=plain):
                new[event.submission] = event.outcome
    except KeyboardInterrupt:
        pass
    except (OSError, SQLAlchemyError) as error:
        stopped_by = printable(f"Grading was stopped. {describe_error(error)}")
    interrupted = interruption.requested
    remaining = [submission for submission in plan.to_do if submission not in new]
    progress_display.print_summary(new, plan.settled, len(remaining), console)
    if stopped_by:
        typer.echo(stopped_by, err=True)
    if options.as_json:
        about |= {"course": str(run.root), "workers": workers, "seconds": round(time.monotonic() - started, 3)}
        about |= {"interrupted": interrupted, "notes": plan.notes}
        # ASCII, because a Windows terminal may not have every letter.
        typer.echo(json.dumps(progress_display.document(new, plan.settled, remaining, **about), indent=1))
    results = {outcome.result for outcome in (*new.values(), *plan.settled.values())}
    return SOME_NOT if remaining or stopped_by or plan.skipped or "failed" in results else ALL_GRADED


class _Interruption:
    """Within this context, notes that Ctrl+C was pressed or SIGTERM arrived, besides raising KeyboardInterrupt.

    Python drops the exception where it is raised in a destructor or a callback of the garbage collector or of a fork.
    """

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> _Interruption:
        self._previous = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _note(self, *_: object) -> None:
        self.requested = True
        raise KeyboardInterrupt

    def heed(self) -> None:
        """Raise KeyboardInterrupt if it was dropped."""
        if self.requested:
            raise KeyboardInterrupt

    def heeded(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield the events, and raise KeyboardInterrupt between them if it was dropped."""
        for event in events:
            self.heed()
            yield event


def _local_resources() -> tuple[tuple[sandbox.Layer, ...], int]:
    """Return this machine's isolation layers, and the cores this process may use (fewer than all in a container)."""
    return sandbox.probe(), len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _cluster_resources(address: str, run: Run) -> tuple[tuple[sandbox.Layer, ...], int]:
    """Return a cluster's isolation layers, and the number of workers: one a thread, as far as local memory allows."""
    from course.classroom.grading import cluster

    dask = cluster.inspect_cluster(address, tuple(Execute(parent=run.application).libraries))
    return dask.layers, min(dask.threads, MOST_WORKERS_FOR_A_CLUSTER)
