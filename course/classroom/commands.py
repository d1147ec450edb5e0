"""The instructor's part of the ``course`` command. What each command does stands in a module of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(rich_markup_mode=None)


@app.command()
def grade(
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="[ASSIGNMENT]...", help="What to grade. Left out: everything.")
    ] = None,
    *,
    student: Annotated[list[str] | None, typer.Option(help="Only this student. May be given again.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Submissions graded at the same time. Left out: one for each core.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade also what was graded and has not changed.")] = False,
    feedback: Annotated[
        bool, typer.Option("--feedback/--no-feedback", help="Write the feedback pages too, for what is graded now.")
    ] = False,
    isolation: Annotated[
        Literal["full", "reduced"],
        typer.Option(help="“reduced” grades even where submissions cannot be kept from your files."),
    ] = "full",
    plain: Annotated[
        bool, typer.Option("--plain", help="A line for each submission, and no table that moves.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Grade what was handed in to an nbgrader course: new and changed submissions, on all cores, each kept to itself.

    Run it in the course's folder (with nbgrader_config.py) or below. It can be stopped at any time and run again.

    The exit code is 0 if every submission is graded, 1 if one is not, and 2 if nothing can be graded.
    """
    from course.classroom.grading.command import Options, grade_class

    options = Options(
        assignments=assignments or (),
        students=student or (),
        workers=workers,
        force=force,
        feedback=feedback,
        reduced=isolation == "reduced",
        plain=plain,
        as_json=as_json,
    )
    raise typer.Exit(grade_class(Path.cwd(), options))
