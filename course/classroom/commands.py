"""The instructor's part of the ``course`` command. What each command does stands in a module of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NoReturn

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
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Run the notebooks on a Dask cluster, such as tcp://10.0.0.1:8786.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Grade what was handed in to an nbgrader course: new and changed submissions, on all cores, each kept to itself.

    Run it in the course's folder (with nbgrader_config.py) or below. It can be stopped at any time and run again.

    The exit code is 0 if every submission is graded, 1 if one is not, and 2 if nothing can be graded.
    """
    from course.classroom.grading.command import GradeOptions, grade_class

    options = GradeOptions(
        assignments=assignments or (),
        students=student or (),
        workers=workers,
        force=force,
        feedback=feedback,
        reduced=isolation == "reduced",
        scheduler=scheduler,
        plain=plain,
        as_json=as_json,
    )
    raise typer.Exit(grade_class(Path.cwd(), options))


@app.command()
def report(
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="[ASSIGNMENT]...", help="What to report on. Left out: everything.")
    ] = None,
    output: Annotated[Path, typer.Option(help="The file to write. An older report is replaced.")] = Path("report.html"),
    names: Annotated[bool, typer.Option("--names", help="Call learners by their names instead of codes.")] = False,
) -> None:
    """Show how a class did, on one page: scores, hardest checks, misconceptions, differing judgements, who needs help.

    Run it in the course's folder or below. The page needs no network and runs no script.

    The exit code is 0 if the page is written, and 2 if there is nothing to report.
    """
    from course.classroom.gradebook.course_folder import CourseError, find_course
    from course.classroom.report import write_report

    try:
        write_report(find_course(Path.cwd()), assignments or [], output, names=names)
    except CourseError as error:
        _cannot(error)
    typer.echo(f"Wrote {output}")


@app.command()
def export(  # noqa: PLR0917 - the options of a command line
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="[ASSIGNMENT]...", help="What to export. Left out: everything.")
    ] = None,
    to: Annotated[Literal["canvas", "moodle", "csv"], typer.Option(help="Who is to read the file.")] = "csv",
    roster: Annotated[
        Path | None, typer.Option(help="The gradebook or list of students that Canvas or Moodle has exported.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="The file to write. Left out: grades-canvas.csv and so on.")
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Write also scores in which something still waits for a person.")
    ] = False,
    questions: Annotated[bool, typer.Option("--questions", help="For csv: a row for each question.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
) -> None:
    """Write a class's scores to a file that Canvas or Moodle imports as it is, or to plain CSV.

    Run it in the course's folder or below. Scores that wait for a person are left empty unless you say --partial.

    The exit code is 0 if the file is written, and 2 if it cannot be.
    """
    from course.classroom.export import export as write
    from course.classroom.gradebook.course_folder import CourseError, find_course

    path = output or Path("grades.csv" if to == "csv" else f"grades-{to}.csv")
    try:
        notes = write(
            find_course(Path.cwd()),
            assignments or [],
            to,
            path,
            roster=roster,
            partial=partial,
            questions=questions,
            overwrite=overwrite,
        )
    except CourseError as error:
        _cannot(error)
    for note in notes:
        typer.echo(note, err=True)
    typer.echo(f"Wrote {path}")


@app.command()
def doctor(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Exercises, or folders with some: a notebook, a folder, many. Left out: this folder."),
    ] = None,
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what is safe to mend. The notebook as it was is kept beside it.")
    ] = False,
    submitted: Annotated[
        str, typer.Option(help="In an nbgrader course's folder: look at all that was handed in for this assignment.")
    ] = "",
    environment: Annotated[
        bool, typer.Option("--environment", help="Look at what is installed here, not at exercises.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Find and mend what keeps an exercise from being graded, or find what is wrong with your installation.

    Finds cells that were deleted, copied, split, merged, moved or changed, a missing ledger, broken files and wrong
    names. Nothing is run.

    With --environment: finds what is wrong with Python, Jupyter and the course on this computer, and says what to type
    to mend it. Nothing is changed. Where this command does not start: python -P -m course.install.diagnosis

    The exit code is 0 if all is well, 1 if something was found and not mended, and 2 if there is nothing to look at.
    """
    if environment:
        if fix or submitted or len(paths or []) > 1:
            _cannot(
                ValueError("--environment only looks, from one folder: leave out --fix, --submitted and exercises.")
            )
        from course.install.diagnosis.report import report

        raise typer.Exit(0 if report((paths or [Path()])[0], as_json=as_json) else 1)
    from course.classroom.doctor import visits as clinic

    seen = []
    try:
        for visit in clinic.rounds(paths or [Path()], submitted=submitted, fix=fix):
            seen.append(visit)
            if not as_json:
                typer.echo("\n".join(clinic.in_words(visit)))
    except clinic.DoctorError as error:
        _cannot(error)
    if as_json:
        typer.echo(clinic.as_json(seen))
    if not all(visit.is_well for visit in seen):
        raise typer.Exit(1)


@app.command()
def demo(
    keep: Annotated[
        Path | None, typer.Option(help="A new or empty folder to leave everything in. Left out: nothing is kept.")
    ] = None,
) -> None:
    """Show how a class is graded, with a pretend one of twelve.

    From release through collecting, mending and grading to feedback and report, in under a minute on a quiet machine.

    Right, half right, untouched, broken and hostile hand-ins, in a folder of their own. Nothing leaves this machine.

    The exit code is 0 if everybody got what they should, 1 if not, and 2 if it cannot be shown.
    """
    from course.classroom.demo import DemoError, demonstrate

    try:
        went_well = demonstrate(keep, typer.echo)
    except DemoError as error:
        _cannot(error)
    if not went_well:
        raise typer.Exit(1)


@app.command()
def hub(  # noqa: PLR0917 - the options of a command line
    folder: Annotated[Path, typer.Argument(help="Where everything of this workshop is kept. Made if it is not there.")],
    course: Annotated[
        Path | None, typer.Option(help="The course with its solutions. Left out: this folder, or where we stand.")
    ] = None,
    instructor: Annotated[
        list[str] | None, typer.Option(help="The name an instructor logs in with. May be given again.")
    ] = None,
    code: Annotated[str, typer.Option(help="A class code: who gives it at sign-up needs no approval.")] = "",
    code_file: Annotated[
        Path | None,
        typer.Option(help="A file with the class code, where other users of this machine may see what runs on it."),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(help="The class as a CSV file with a column “id”. The code then counts for them only."),
    ] = None,
    port: Annotated[int, typer.Option(help="Where the class finds the hub.")] = 8000,
    address: Annotated[str, typer.Option(help="“127.0.0.1” for this machine alone.")] = "0.0.0.0",
    memory: Annotated[int, typer.Option(min=256, help="MiB that each process of a learner may take.")] = 1024,
    memory_all: Annotated[
        int, typer.Option(min=256, help="MiB that all of them may take together; the largest is then ended.")
    ] = 2048,
    disk: Annotated[float, typer.Option(help="GiB of the disk that a learner's folder may take; you are told.")] = 2,
    idle: Annotated[
        float, typer.Option(min=0.1, help="Minutes after which a server that nobody has open is stopped.")
    ] = 60,
    one_user: Annotated[
        bool, typer.Option("--one-user", help="As root: run all servers as root instead of users of their own.")
    ] = False,
) -> None:
    """Run a workshop on this machine: people sign up, and each works in a folder of their own in a browser.

    Runs until it is stopped with Ctrl+C, and then backs up the gradebook and all ledgers. Started again with the same
    folder, it goes on where it stopped. As root, learners are kept from each other by the system.

    The exit code is 0 if it was stopped, and 2 if it could not start or ended by itself.
    """
    from course.classroom.hub.workshop import HubError

    try:
        from course.classroom.hub.command import HubOptions, run

        options = HubOptions(
            folder=folder,
            start=course or Path.cwd(),
            instructors=instructor or ["instructor"],
            code=code,
            code_file=code_file,
            roster=roster,
            address=address,
            port=port,
            memory_mib=memory,
            memory_all_mib=memory_all,
            disk_gib=disk,
            idle_minutes=idle,
            one_user=one_user,
        )
        raise typer.Exit(run(options, typer.echo))
    except HubError as error:
        _cannot(error)


def _cannot(error: Exception) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(2)
