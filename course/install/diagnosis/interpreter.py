"""The running Python: its version, its kind, and whether the commands a learner types belong to it."""

from __future__ import annotations

from collections.abc import Iterator

from course.install.diagnosis.finding import InstallationFinding, course, new_environment
from course.install.diagnosis.machine import Machine
from course.wording import listed


def check(machine: Machine) -> Iterator[InstallationFinding]:
    """Yield what is wrong with the Python itself."""
    yield from _version(machine)
    yield from _kind(machine)
    yield from _commands(machine)
    yield from _letters(machine)


def _version(machine: Machine) -> Iterator[InstallationFinding]:
    version = machine.version
    if machine.requires_python and not _fits(version, machine.requires_python):
        yield InstallationFinding(
            "python-version",
            f"This is Python {version}, and the course needs Python {machine.requires_python}.",
            "Some cells and some packages do not work with it.",
            "Install a newer Python beside this one, then make a new environment in the course's folder:",
            (new_environment(machine),),
        )
    elif machine.tried_pythons and ".".join(version.split(".")[:2]) not in machine.tried_pythons:
        yield InstallationFinding(
            "python-untried",
            f"This is Python {version}. The course was tried with Python {listed(machine.tried_pythons)}.",
            "It may well work. Some packages may have to be built first, which takes long or fails.",
            "If something does not install, use one of those.",
            note=True,
        )


def _fits(version: str, wanted: str) -> bool:
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:
        return True
    return SpecifierSet(wanted).contains(version, prereleases=True)


def _kind(machine: Machine) -> Iterator[InstallationFinding]:
    if machine.bits == 32:
        yield InstallationFinding(
            "python-32-bit",
            "This Python is made for 32 bits.",
            "pandas and the program that draws charts are only made for 64 bits.",
            "Install Python again with the installer called “64-bit”, and make a new environment:",
            (new_environment(machine),),
        )
    if not machine.in_environment:
        yield InstallationFinding(
            "no-environment",
            f"The course is installed into the system's Python ({machine.prefix}), not into an environment of its own.",
            "Installing something else later may change the packages the course needs.",
            "If it works, leave it. Otherwise the README shows how to make an environment.",
            note=True,
        )
    if machine.activated and machine.pure(machine.activated) != machine.pure(machine.prefix):
        yield InstallationFinding(
            "other-environment",
            f"The environment that is activated in this window is {machine.activated}; the course runs in "
            f"{machine.prefix}.",
            "The commands python and pip in this window belong to the other one, so what you install goes there.",
            "Type:",
            ("deactivate",),
            note=True,
        )
    if machine.pythonpath:
        yield InstallationFinding(
            "pythonpath",
            f"PYTHONPATH is set, to {machine.pythonpath}.",
            "Python looks there first, so what lies there can hide the course's packages.",
            "If something does not start, try again after typing:",
            ("Remove-Item Env:PYTHONPATH" if machine.on_windows else "unset PYTHONPATH",),
            note=True,
        )


def _commands(machine: Machine) -> Iterator[InstallationFinding]:
    scripts = machine.pure(machine.scripts)
    for name in ("course", "jupyter"):
        path = machine.commands.get(name)
        if path is None and name == "course":
            yield InstallationFinding(
                "command-not-found",
                "Windows does not find the command course by its name alone."
                if machine.on_windows
                else "The command course is not found by its name alone.",
                "Lines that begin with “course” have to be typed with the whole path.",
                "Type the path, such as:",
                (course(machine, "lab"),),
                note=True,
            )
        elif path is not None and machine.pure(path).parent != scripts:
            yield InstallationFinding(
                "other-command",
                f"The command {name} that is found by its name belongs to another Python: {path}",
                "It would run with other packages than those that were looked at here."
                if name == "course"
                else "A JupyterLab started with it does not know the course. course lab starts the right one.",
                "Type the whole path instead:",
                (course(machine, "lab"),),
                note=name == "jupyter",
            )


def _letters(machine: Machine) -> Iterator[InstallationFinding]:
    """Check the encodings. On Windows the terminal's may differ from UTF-8, which Python handles."""
    if _is_utf8(machine.file_encoding) and (machine.on_windows or _is_utf8(machine.text_encoding)):
        return
    encoding = machine.file_encoding if not _is_utf8(machine.file_encoding) else machine.text_encoding
    yield InstallationFinding(
        "not-utf-8",
        f"This window writes text as {encoding}, not as UTF-8.",
        "Letters such as é and “ in names and sentences come out wrong, or stop a command.",
        "Type this, then try again in the same window:",
        ("$env:PYTHONUTF8 = 1" if machine.on_windows else "export PYTHONUTF8=1",),
    )


def _is_utf8(name: str) -> bool:
    return name.lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig", "cp65001")
