"""One thing that is wrong with an installation, and how lines are written that a person can type as they stand."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course.install.diagnosis.machine import Machine, Package


@dataclass(frozen=True)
class InstallationFinding:
    """One thing that is not as it should be.

    Parameters
    ----------
    code : str
        What kind of thing, in words that do not change: for programs.
    message : str
        What is wrong, and where.
    why : str
        Why it matters to a learner.
    todo : str
        What to do about it. Ends with a colon where lines follow.
    lines : tuple of str
        What to type, exactly, on this system: PowerShell on Windows, a shell elsewhere.
    note : bool
        Whether it is only worth knowing: nothing has to be done.
    """

    code: str
    message: str
    why: str
    todo: str
    lines: tuple[str, ...] = ()
    note: bool = False


def command(machine: Machine, *arguments: str) -> str:
    """Return a line that calls this very Python with some arguments.

    The Python is named by its place, so that the line does the same whether or not an environment is activated.
    """
    name = machine.executable.removesuffix(".exe") if machine.on_windows else machine.executable
    return _line(machine, name, arguments)


def course(machine: Machine, *arguments: str) -> str:
    """Return a line that calls the command ``course`` of this very Python."""
    return _line(machine, str(machine.pure(machine.scripts) / "course"), arguments)


def install(machine: Machine, requirements: Sequence[str]) -> tuple[str, ...]:
    """Return the lines that install what is named; in a checkout, those that install all of the lock."""
    if machine.folder and machine.folder.is_checkout:
        return (
            command(machine, "-m", "pip", "install", "--no-deps", "--require-hashes", "-r", "requirements.lock"),
            command(machine, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--editable", "."),
        )
    return (command(machine, "-m", "pip", "install", *requirements),)


def reinstall(machine: Machine, package: Package) -> str:
    """Return the line that installs a package once more, as it is, and nothing else."""
    again = f"{package.name}=={package.version}"
    return command(machine, "-m", "pip", "install", "--force-reinstall", "--no-deps", again)


def new_environment(machine: Machine) -> str:
    """Return the line that makes an environment, with whatever Python the system finds."""
    return "py -m venv .venv" if machine.on_windows else "python3 -m venv .venv"


def go_to(machine: Machine, folder: Path | str) -> str:
    """Return the line that changes to a folder."""
    return f"cd {_quoted(machine, str(folder))}"


def _line(machine: Machine, program: str, arguments: Sequence[str]) -> str:
    """Return a line that calls a program, named as seen from the folder the learner is in where that is shorter."""
    path = machine.inside(program) or program
    quoted = _quoted(machine, path)
    # PowerShell takes a quoted path for a text, unless it is told to call it.
    called = f"& {quoted}" if machine.on_windows and quoted != path else quoted
    return " ".join([called, *(_quoted(machine, part) for part in arguments)])


def _quoted(machine: Machine, part: str) -> str:
    if machine.on_windows:
        return part if re.fullmatch(r"[\w.:\\/=+-]+", part) else f'"{part}"'
    return shlex.quote(part)
