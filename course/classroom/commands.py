"""The instructor's part of the ``course`` command. Each command calls a module of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

app = typer.Typer(rich_markup_mode=None)


@app.command()
def grade(
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="ASSIGNMENT", help="Assignments to grade. Default: all.")
    ] = None,
    *,
    student: Annotated[
        list[str] | None, typer.Option(help="Grade only this student. Repeat for more students.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Number of submissions to grade at the same time. Default: one per core.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also grade submissions that were graded and have not changed.")
    ] = False,
    feedback: Annotated[
        bool, typer.Option("--feedback/--no-feedback", help="Also write feedback pages for what is graded now.")
    ] = False,
    isolation: Annotated[
        Literal["full", "reduced"],
        typer.Option(help="“reduced” grades even if this machine cannot keep submissions from your files."),
    ] = "full",
    plain: Annotated[
        bool, typer.Option("--plain", help="Print one line for each submission instead of a live table.")
    ] = False,
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Run the notebooks on a Dask cluster, such as tcp://10.0.0.1:8786.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Grade new and changed submissions of an nbgrader course, on all cores, each in a sandbox of its own.

    Run it in the course's folder (the one with nbgrader_config.py) or below. You can stop it at any time and run it
    again.

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
def collect(
    download: Annotated[
        Path,
        typer.Argument(help="What the learning platform gave you: a ZIP archive, or the folder it was unpacked to."),
    ],
    assignment: Annotated[
        str, typer.Option(help="The assignment. Default: each notebook’s own, found by its questions.")
    ] = "",
    roster: Annotated[
        Path | None,
        typer.Option(help="The platform's list of the class: Moodle's grading worksheet, or Canvas's gradebook."),
    ] = None,
) -> None:
    """Sort a download from Moodle, Canvas or Blackboard into the folder “submitted”, and say where each file went.

    Run it in the course's folder or below. Nothing is replaced: running it again adds only what is new, and an attempt
    that was replaced by a newer one is kept in .course/earlier.

    The exit code is 0 if every file has a place, 1 if one has none, and 2 if nothing can be collected.
    """
    from course.classroom.collect.collecting import collect as sort
    from course.classroom.gradebook.course_folder import CourseError, find_course

    try:
        files, notes = sort(find_course(Path.cwd()), download, assignment, roster)
    except CourseError as error:
        _fail(error)
    for file in files:
        typer.echo(f"{file.became}: {file.path} → {file.where}")
    for note in notes:
        typer.echo(note)
    if not files:
        _fail(ValueError(f"There is no file in {download}."))
    if any(file.became in ("not placed", "not replaced") for file in files):
        raise typer.Exit(1)


@app.command()
def report(
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="ASSIGNMENT", help="Assignments to report on. Default: all.")
    ] = None,
    output: Annotated[Path, typer.Option(help="The file to write. It replaces an older report.")] = Path("report.html"),
    names: Annotated[bool, typer.Option("--names", help="Show learners' names instead of pseudonyms.")] = False,
) -> None:
    """Write a one-page report on a class: scores, hardest checks, misconceptions, disagreements, who needs help.

    Run it in the course's folder or below. The page needs no network and runs no script.

    The exit code is 0 if the page is written, and 2 if there is nothing to report.
    """
    from course.classroom.gradebook.course_folder import CourseError, find_course
    from course.classroom.report import write_report

    try:
        write_report(find_course(Path.cwd()), assignments or [], output, names=names)
    except CourseError as error:
        _fail(error)
    typer.echo(f"Wrote {output}")


@app.command()
def export(  # noqa: PLR0917 - the options of a command line
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="ASSIGNMENT", help="Assignments to export. Default: all.")
    ] = None,
    to: Annotated[Literal["canvas", "moodle", "csv"], typer.Option(help="The format of the file.")] = "csv",
    roster: Annotated[
        Path | None, typer.Option(help="A gradebook or list of students exported from Canvas or Moodle.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="The file to write. Default: grades.csv, grades-canvas.csv or grades-moodle.csv."),
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Also write scores of submissions that still need marking.")
    ] = False,
    questions: Annotated[bool, typer.Option("--questions", help="For csv: write a row for each question.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
) -> None:
    """Write a class's scores to a file that Canvas or Moodle can import, or to plain CSV.

    Run it in the course's folder or below. The scores of submissions that still need marking are left empty unless you
    add --partial.

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
        _fail(error)
    for note in notes:
        typer.echo(note, err=True)
    typer.echo(f"Wrote {path}")


@app.command()
def doctor(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Notebooks, or folders with notebooks. Default: the current folder."),
    ] = None,
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair what is safe to repair. A copy of the original stays beside it.")
    ] = False,
    submitted: Annotated[
        str, typer.Option(help="In an nbgrader course's folder: inspect all submissions for this assignment.")
    ] = "",
    environment: Annotated[
        bool, typer.Option("--environment", help="Inspect the installation instead of exercises.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Find and repair what stops an exercise from being graded, or find what is wrong with your installation.

    It finds cells that were deleted, copied, split, merged, moved or changed, missing ledgers, broken files and wrong
    names. It runs no code from the notebook.

    With --environment it finds what is wrong with Python, Jupyter and the course on this computer, and shows the
    commands that fix it. Nothing is changed. If this command does not start: python -P -m course.install.diagnosis

    The exit code is 0 if nothing is wrong, 1 if a problem was found and not repaired, and 2 if there is nothing to
    inspect.
    """
    if environment:
        if fix or submitted or len(paths or []) > 1:
            _fail(
                ValueError("--environment inspects only the installation: leave out --fix, --submitted and exercises.")
            )
        from course.install.diagnosis.report import report

        raise typer.Exit(0 if report((paths or [Path()])[0], as_json=as_json) else 1)
    from course.classroom.doctor import inspection as doctor

    inspections = []
    try:
        for inspection in doctor.check_all(paths or [Path()], submitted=submitted, fix=fix):
            inspections.append(inspection)
            if not as_json:
                typer.echo("\n".join(doctor.describe(inspection)))
    except doctor.DoctorError as error:
        _fail(error)
    if as_json:
        typer.echo(doctor.as_json(inspections))
    if not all(inspection.is_well for inspection in inspections):
        raise typer.Exit(1)


@app.command()
def demo(
    keep: Annotated[
        Path | None, typer.Option(help="Keep all files in this new or empty folder. Default: keep nothing.")
    ] = None,
) -> None:
    """Show how a class is graded, with twelve made-up learners.

    It releases an exercise, collects, repairs and grades the submissions, and writes feedback and a report. This takes
    under a minute on an idle machine.

    The submissions are right, half right, untouched, broken and hostile. Nothing leaves this machine.

    The exit code is 0 if every submission got the expected result, 1 if not, and 2 if the demo cannot run.
    """
    from course.classroom.demo import DemoError, demonstrate

    try:
        went_well = demonstrate(keep, typer.echo)
    except DemoError as error:
        _fail(error)
    if not went_well:
        raise typer.Exit(1)


@app.command()
def hub(  # noqa: PLR0917 - the options of a command line
    folder: Annotated[Path, typer.Argument(help="The workshop's folder. It is created if it does not exist.")],
    course: Annotated[
        Path | None, typer.Option(help="The course with its solutions. Default: the current folder, or this checkout.")
    ] = None,
    instructor: Annotated[
        list[str] | None, typer.Option(help="An instructor's login name. Repeat for more instructors.")
    ] = None,
    code: Annotated[str, typer.Option(help="The class code. People who give it at sign-up need no approval.")] = "",
    code_file: Annotated[
        Path | None,
        typer.Option(help="A file with the class code, if other users of this machine can see its command lines."),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            help="The class as a CSV file: any list with ids, or a Canvas or Moodle export. Only they can use the code."
        ),
    ] = None,
    ask_email: Annotated[
        bool, typer.Option("--ask-email", help="Ask for an e-mail address at sign-up. Nobody has to give one.")
    ] = False,
    ask_id: Annotated[
        bool, typer.Option("--ask-id", help="Ask for the school's ID number at sign-up. Nobody has to give one.")
    ] = False,
    port: Annotated[int, typer.Option(help="The port that the hub listens on.")] = 8000,
    address: Annotated[
        str, typer.Option(help="The address that the hub listens on. Use 127.0.0.1 for this machine only.")
    ] = "0.0.0.0",
    memory: Annotated[int, typer.Option(min=256, help="Memory limit for each process of a learner, in MiB.")] = 1024,
    memory_all: Annotated[
        int,
        typer.Option(
            min=256, help="Memory limit for all processes of a learner, in MiB. Above it, the largest is ended."
        ),
    ] = 2048,
    disk: Annotated[
        float, typer.Option(help="You are told when a learner's folder grows above this size, in GiB.")
    ] = 2,
    idle: Annotated[float, typer.Option(min=0.1, help="Minutes after which an idle server is stopped.")] = 60,
    one_user: Annotated[
        bool, typer.Option("--one-user", help="As root: run all servers as root, not as separate system users.")
    ] = False,
) -> None:
    """Run a workshop on this machine: people sign up, and each works in a browser, in a folder of their own.

    It runs until you stop it with Ctrl+C, then backs up everything the class made. Start it again with the same
    folder to continue. If you run it as root, the system keeps learners out of each other's folders.

    The exit code is 0 if you stopped it, and 2 if it could not start or ended by itself.
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
            asks=tuple(name for name, is_asked in (("email", ask_email), ("id", ask_id)) if is_asked),
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
        _fail(error)


@app.command()
def room(  # noqa: PLR0917 - the options of a command line
    folder: Annotated[
        Path,
        typer.Argument(
            help="A folder with a ledger or a folder for each person, or a workshop's. Text files in it can hold codes."
        ),
    ],
    case: Annotated[str, typer.Option(help="The case: its folder, or its name. Default: the course's own.")] = "",
    names: Annotated[
        bool, typer.Option("--names", help="Show who has not begun, by name. Not for a projector.")
    ] = False,
    address: Annotated[
        str, typer.Option(help="The address that the board listens on. By default only this machine reaches it.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port that the board listens on. Default: any free one.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
) -> None:
    """Show on one page how a class rates statements now: each answer, the pooled chance, what splits the room.

    The page changes within two seconds of a change in anybody's ledger. It takes codes and snapshots, and shows no
    names. Whoever runs RoomCode().hide() is left out. It runs until you stop it with Ctrl+C.

    The exit code is 0 if you stopped it, and 2 if it could not start.
    """
    import webbrowser

    from course.case import Case, CaseError
    from course.classroom.room.server import RoomError, run

    try:
        run(
            folder,
            Case.load(case or None),
            typer.echo,
            address=address,
            port=port,
            names=names,
            open_page=webbrowser.open if browser else None,
        )
    except (RoomError, CaseError) as error:
        _fail(error)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="The workshop's folder, as you gave it to: course hub")],
) -> None:
    """Back up everything a class made in a workshop: submissions, notebooks, ledgers, marks, accounts.

    It writes a ZIP file to the workshop’s folder “backups”, even while the hub runs. Copy the file to another disk.

    The exit code is 0 if the backup is written, and 2 if it cannot be.
    """
    from datetime import datetime

    from course.classroom.hub.backup import back_up
    from course.classroom.hub.workshop import HubError

    try:
        typer.echo(f"Everything the class made is in {back_up(folder.resolve(), datetime.now())}")
    except (HubError, OSError) as error:
        _fail(error)


@app.command()
def restore(
    backup_file: Annotated[Path, typer.Argument(metavar="BACKUP", help="The backup’s ZIP file.")],
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
) -> None:
    """Restore a workshop from a backup into a new folder. “course hub” can then start it again from there.

    Nothing is replaced: the folder must be new or empty.

    The exit code is 0 if everything is restored, and 2 if it cannot be.
    """
    from course.classroom.hub.backup import restore as put_back
    from course.classroom.hub.workshop import HubError

    try:
        count = put_back(backup_file, folder.resolve())
    except (HubError, OSError) as error:
        _fail(error)
    typer.echo(f"Restored {count:,} files in {folder}. Start the workshop again with: course hub {folder}")


def _fail(error: Exception) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(2)
