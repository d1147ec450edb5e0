"""The ``course`` command: open the course, and check an exercise before handing it in. Instructors grade with it."""

from __future__ import annotations

import os
import subprocess
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

try:
    import typer
except ImportError as error:
    # The installation is incomplete; the diagnosis needs nothing but Python.
    raise SystemExit(
        f"The command course cannot start: {error}. To see what is wrong and how to fix it, type:\n"
        f"    {sys.executable} -P -m course.install.diagnosis"
    ) from None

from course import files
from course.classroom import commands

if TYPE_CHECKING:
    from course.checks.runner import CheckResult

SHARE = Path(__file__).resolve().parent / "share"

app = typer.Typer(
    help="Verify a claim with data: open the lessons and check your exercises.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
# The instructor's commands are on the same level as the learner's.
app.add_typer(commands.app)


def main() -> None:
    """Run the ``course`` command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal or log file may lack a letter of somebody's name: show its number, and go on.
            stream.reconfigure(errors="backslashreplace")
    sys.argv[1:] = [_with_home(argument) for argument in sys.argv[1:]]
    with files.usable_home():
        app()


def _with_home(argument: str) -> str:
    """Return an argument with ~ as the home folder: Windows' shells, and --option=~/folder, leave it as it is."""
    option, sign, value = argument.partition("=") if argument.startswith("--") else ("", "", argument)
    is_home = value == "~" or value.startswith(("~/", "~\\"))
    return f"{option}{sign}{os.path.expanduser(value)}" if is_home and not os.path.exists(value) else argument  # noqa: PTH110, PTH111


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"course {version('completely-free')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    pass


@app.command()
def start(
    folder: Annotated[
        Path, typer.Argument(help="The folder for the lessons, exercises and data. It is created if it does not exist.")
    ],
) -> None:
    """Copy the lessons, exercises and data into a folder of your own. Files you have changed are never overwritten."""
    from importlib.metadata import version

    from course.install.workspace import StartError, install_files
    from course.wording import number_of

    try:
        done = install_files(folder, version("completely-free"))
    except StartError as error:
        _stop(str(error))
    if done.new or done.renewed:
        typer.echo(f"{number_of(len(done.new), 'new file')} in {folder}, {len(done.renewed)} updated.")
    for name in done.kept:
        typer.echo(f"{name}: your version was kept.")
    for name, newer in done.beside:
        typer.echo(f"{name}: your version was kept. The course’s newer version is beside it: {newer.name}")
    typer.echo(f"Next: go to {folder} and run: course lab")


@app.command()
def lab(
    port: Annotated[
        int, typer.Option(help="The port for JupyterLab. If it is in use, the next free one is used.")
    ] = 8888,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
    lesson: Annotated[str, typer.Option(help="The number of the lesson to open, such as 06.")] = "00",
) -> None:
    """Open JupyterLab at a lesson. To stop it, press Ctrl+C twice in this window."""
    from course.install.workspace import course_folder

    # Outside the course's folder, a checkout is found as the parent of this package.
    folder = course_folder(Path.cwd(), SHARE.parents[1])
    if folder is None:
        _stop("There is no folder “notebooks” here. Go to the course's folder and run: course lab")
    notebooks = sorted((folder / "notebooks").glob(f"{lesson.zfill(2)}-*.ipynb"))
    if not notebooks:
        lessons = ", ".join(path.name[:2] for path in sorted((folder / "notebooks").glob("[0-9][0-9]-*.ipynb")))
        _stop(f"There is no lesson {lesson} in {folder / 'notebooks'}. Lessons there: {lessons or 'none'}.")
    arguments = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.port={port}",
        # At the default level, sixty lines about extensions hide the address, which is printed at every level.
        "--ServerApp.log_level=WARN",
        f"--LabApp.default_url=/lab/tree/notebooks/{notebooks[0].name}",
    ]
    if not browser:
        arguments.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Containers run as root, which Jupyter refuses without this option.
        arguments.append("--allow-root")
    typer.echo("Opening JupyterLab. To stop it, press Ctrl+C twice in this window.")
    raise typer.Exit(_serve(arguments, folder))


@app.command()
def check(
    path: Annotated[
        Path,
        typer.Argument(help="An exercise: its folder, its notebook or a ZIP archive. Default: the current folder."),
    ] = Path(),
    timeout: Annotated[float, typer.Option(help="Seconds that each cell may take.")] = 120,
) -> None:
    """Run an exercise's checks and show the result of each question. Your file is not changed.

    The exit code is 0 if every check passes, 1 if one does not yet, and 2 if the exercise cannot be checked.
    """
    from course.checks.runner import CheckError, prepare
    from course.checks.runner import check as run

    try:
        with prepare(path) as prepared:
            results = run(prepared.notebook, timeout)
    except CheckError as error:
        _stop(str(error))
    _show(prepared.notebook, results)
    for note in prepared.notes:
        typer.echo(f"Note: {note}")
    if any(item.result in ("not yet", "not answered") for item in results):
        raise typer.Exit(1)


@app.command("new-case")
def new_case(
    folder: Annotated[Path, typer.Argument(help="The folder for the case: a new one or an empty one.")],
    review: Annotated[
        Path | None, typer.Option("--from-claimreview", help="Begin with the claim in this ClaimReview file (JSON).")
    ] = None,
) -> None:
    """Create a small case to fill with a claim of your own, and a notebook that uses every tool."""
    from course.case.authoring import AuthoringError
    from course.case.authoring import new_case as lay_out
    from course.wording import number_of

    try:
        paths = lay_out(folder, review)
    except AuthoringError as error:
        _stop(str(error))
    typer.echo(f"{number_of(len(paths), 'file')} in {folder}. README.md says what to write in each.")
    typer.echo(f"Next: change a table, then run: course check-case {folder}")


@app.command("check-case")
def check_case(
    folder: Annotated[Path, typer.Argument(help="The folder of the case. Default: the current folder.")] = Path(),
) -> None:
    """List the problems in a case by file, row and column, and say how to fix them. Nothing is changed.

    The exit code is 0 if the case can be used, 1 if something is wrong, and 2 if there is no case to check.
    """
    from course.case.authoring import NOTEBOOK, AuthoringError
    from course.case.authoring import check_case as find_problems
    from course.wording import number_of

    try:
        problems = find_problems(folder)
    except AuthoringError as error:
        _stop(str(error))
    for problem in problems:
        typer.echo(str(problem))
    if problems:
        typer.echo(f"{number_of(len(problems), 'problem')}. Correct the first ones and run this again.")
        raise typer.Exit(1)
    beside = f" Open {NOTEBOOK} and run it." if (folder / NOTEBOOK).is_file() else ""
    typer.echo(f"The case can be used.{beside}")


def _serve(arguments: list[str], folder: Path) -> int:
    """Run JupyterLab in the course's folder, where nbgrader finds its configuration, and return its exit code."""
    os.chdir(folder)
    # Our configuration keeps Lab from using the network (news, updates, a list of extensions). It is added to the
    # search path, so it leaves other configuration and the user's own settings alone.
    paths = [str(SHARE / "jupyter"), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    environment = os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}
    if os.name == "posix":
        # JupyterLab replaces this process, so it receives every signal itself.
        os.execve(sys.executable, arguments, environment)
    # Windows sends Ctrl+C to both processes. Keep waiting, because Lab asks for confirmation before it closes.
    with subprocess.Popen(arguments, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def _show(notebook: Path, results: list[CheckResult]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from course.checks.runner import summary

    styles = {"passes": "green", "not yet": "yellow", "not answered": "dim", "waits for a person": "cyan"}
    table = Table(title=notebook.name, title_justify="left")
    table.add_column("Question", overflow="fold", ratio=3)
    table.add_column("Points", justify="right")
    table.add_column("Result", overflow="fold", ratio=2)
    table.add_column("What to look at", overflow="fold", ratio=4)
    for item in results:
        # As Text, so that square brackets in a learner's answer are not interpreted as markup.
        result = Text(item.result, styles[item.result])
        table.add_row(Text(item.question), f"{item.points:g}", result, Text(item.message))
    console = Console()
    console.print(table)
    console.print(summary(results), highlight=False)


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)
