"""A finding about an installation, and the command lines that a person can copy from it."""

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
        A stable identifier, for programs.
    message : str
        What is wrong, and where.
    why : str
        Why it matters to a learner.
    todo : str
        What to do about it. Ends with a colon if command lines follow.
    lines : tuple of str
        The exact commands to type on this system: PowerShell on Windows, a shell elsewhere.
    note : bool
        Whether nothing has to be done.
    """

    code: str
    message: str
    why: str
    todo: str
    lines: tuple[str, ...] = ()
    note: bool = False


def command(machine: Machine, *arguments: str) -> str:
    """Return a command line that calls this Python by its path, so that no environment has to be activated."""
    name = machine.executable.removesuffix(".exe") if machine.on_windows else machine.executable
    return _line(machine, name, arguments)


def course(machine: Machine, *arguments: str) -> str:
    """Return a command line that calls the command ``course`` of this Python."""
    return _line(machine, str(machine.pure(machine.scripts) / "course"), arguments)


def install(machine: Machine, requirements: Sequence[str]) -> tuple[str, ...]:
    """Return the command lines that install the requirements; in a checkout, everything in the lock file."""
    if machine.folder and machine.folder.is_checkout:
        return (
            command(machine, "-m", "pip", "install", "--no-deps", "--require-hashes", "-r", "requirements.lock"),
            command(machine, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--editable", "."),
        )
    return (command(machine, "-m", "pip", "install", *requirements),)


def reinstall(machine: Machine, package: Package) -> str:
    """Return the command line that reinstalls the same version of a package, and nothing else."""
    requirement = f"{package.name}=={package.version}"
    return command(machine, "-m", "pip", "install", "--force-reinstall", "--no-deps", requirement)


def new_environment(machine: Machine) -> str:
    """Return the command line that creates an environment, with whatever Python the system finds."""
    return "py -m venv .venv" if machine.on_windows else "python3 -m venv .venv"


def go_to(machine: Machine, folder: Path | str) -> str:
    """Return the command line that changes to a folder."""
    return f"cd {_quoted(machine, str(folder))}"


def _line(machine: Machine, program: str, arguments: Sequence[str]) -> str:
    """Return a command line that calls a program, by its path relative to the learner's folder if it is below that."""
    path = machine.inside(program) or program
    quoted = _quoted(machine, path)
    # For PowerShell a quoted path is a string; & calls it.
    called = f"& {quoted}" if machine.on_windows and quoted != path else quoted
    return " ".join([called, *(_quoted(machine, part) for part in arguments)])


def _quoted(machine: Machine, part: str) -> str:
    if machine.on_windows:
        return part if re.fullmatch(r"[\w.:\\/=+-]+", part) else f'"{part}"'
    return shlex.quote(part)
