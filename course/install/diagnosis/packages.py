"""Packages that are missing, have the wrong version, are broken, or are installed twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from course.install.diagnosis.finding import InstallationFinding, command, install, reinstall
from course.install.diagnosis.machine import COURSE, IMPORTED, Machine, plain
from course.wording import listed

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

WHY: Final[Mapping[str, str]] = {
    "altair": "It draws the charts.",
    "anywidget": "It shows the widgets, such as the EvidenceBoard.",
    "ipykernel": "It runs the cells of a notebook.",
    "ipywidgets": "The widgets, such as the EvidenceBoard, are made with it.",
    "jsonschema": "From 4.25 on it loads a part that makes every start of a lesson two seconds slower.",
    "jupyterlab": "It is the program the lessons open in.",
    "krippendorff": "It says how far the ratings of a class agree.",
    "nbclient": "course check runs an exercise with it.",
    "nbgrader": "It says in JupyterLab what would keep an exercise from being graded.",
    "pandas": "It holds every table in the lessons.",
    "vl-convert-python": "It draws charts as pictures, for printing and for feedback pages.",
}
"""What a learner loses without a package. Packages that are not listed are needed by other packages."""


@dataclass
class Need:
    """A package that the course needs, directly or indirectly: the versions it accepts, and what requires it."""

    name: str
    versions: SpecifierSet | None = None
    extras: set[str] = field(default_factory=set)
    wanted_by: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.name}{self.versions or ''}"


def check(machine: Machine) -> Iterator[InstallationFinding]:
    """Yield what is wrong with the packages."""
    if machine.package(COURSE) is None:
        yield InstallationFinding(
            "course-not-installed",
            f"The course itself is not installed in this Python ({machine.executable}).",
            "Notebooks cannot import it, and the command course does not start.",
            "In the course's folder, type:" if machine.folder and machine.folder.is_checkout else "Type:",
            install(machine, [COURSE]),
        )
        return
    needs = needed(machine)
    missing = [need for name, need in needs.items() if machine.package(name) is None]
    if missing:
        names = [need.name for need in missing]
        message = f"{listed(names)} {'is' if len(missing) == 1 else 'are'} not installed."
        lines = install(machine, [str(need) for need in missing])
        yield InstallationFinding("package-missing", message, _why(names), "Type:", lines)
    for need in needs.values():
        package = machine.package(need.name)
        if package and need.versions is not None and not need.versions.contains(package.version, prereleases=True):
            yield _unfit(machine, need, package.version)
    yield from _broken(machine, bool(missing))
    yield from _twice(machine, needs)
    if not machine.has_pip:
        # Environments made by uv have no pip, but the other advice here uses it.
        yield InstallationFinding(
            "pip-missing",
            "pip, which installs packages, is not installed.",
            "The commands that fix an installation use it.",
            "If a line below or above says “No module named pip”, type this first:",
            (command(machine, "-m", "ensurepip", "--upgrade"),),
            note=True,
        )


def needed(machine: Machine) -> dict[str, Need]:
    """Return every package that the course needs, directly or indirectly, breadth first."""
    needs = {COURSE: Need(COURSE)}
    waiting: list[tuple[str, str]] = [(COURSE, "")]
    while waiting:
        name, extra = waiting.pop(0)
        package = machine.package(name)
        for text in package.requires if package else ():
            requirement = _read(text)
            if requirement is None:
                continue
            if isinstance(requirement, str):
                wanted, extras, versions = requirement, set[str](), None
            elif requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            else:
                wanted, extras, versions = plain(requirement.name), set(requirement.extras), requirement.specifier
            need = needs.get(wanted)
            if need is None:
                need = needs[wanted] = Need(wanted)
                waiting.append((wanted, ""))
            if versions is not None:
                need.versions = versions if need.versions is None else need.versions & versions
            if name not in need.wanted_by:
                need.wanted_by.append(name)
            for more in extras - need.extras:
                need.extras.add(more)
                waiting.append((wanted, more))
    del needs[COURSE]
    return needs


def _read(text: str) -> Requirement | str | None:
    """Parse one requirement of a package; return only its name if `packaging` is itself missing."""
    try:
        from packaging.requirements import InvalidRequirement, Requirement
    except ImportError:
        name = re.match(r"[\w.-]+", text)
        # Skip requirements with a condition (a platform or an extra): too few are better than wrong ones.
        return plain(name[0]) if name and ";" not in text else None
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _why(names: list[str]) -> str:
    known = [f"{name}: {WHY[name]}" for name in names if name in WHY]
    if len(names) == 1 and known:
        return WHY[names[0]]
    others = "" if len(known) == len(names) else "Other packages do not start without it."
    return " ".join([*known, others]).strip()


def _unfit(machine: Machine, need: Need, version: str) -> InstallationFinding:
    wanted_by = "the course" if COURSE in need.wanted_by else listed(need.wanted_by)
    return InstallationFinding(
        "package-version",
        f"{need.name} {version} is installed, and {wanted_by} asks for {need}.",
        WHY.get(need.name, "With another version some parts may not start, or may do something else."),
        "Type:",
        install(machine, [str(need)]),
    )


def _broken(machine: Machine, some_missing: bool) -> Iterator[InstallationFinding]:
    packages = {module: name for name, module in IMPORTED.items()}
    for module, error in machine.import_errors.items():
        package = machine.package(packages.get(module, module))
        # A package that fails only because another one is missing is repaired with that one.
        if package is None or (some_missing and error.startswith("ModuleNotFoundError")):
            continue
        todo = "Install it again. Close JupyterLab first, then type:"
        if machine.on_windows and "DLL load failed" in error:
            todo = (
                "Windows lacks a part that it is built with, or the package is damaged. Install Microsoft's Visual C++ "
                "Redistributable (x64), start Windows again, and if it stays, type:"
            )
        yield InstallationFinding(
            "package-broken",
            f"{package.name} {package.version} is installed, but cannot be used: {error.splitlines()[0][:300]}",
            WHY.get(package.name, "Other packages do not start without it."),
            todo,
            (reinstall(machine, package),),
        )


def _twice(machine: Machine, needs: Mapping[str, Need]) -> Iterator[InstallationFinding]:
    """Yield packages with two versions: one hides the other, and which one may depend on the program."""
    for name in (COURSE, *needs):
        versions = {package.version: package for package in reversed(machine.packages) if package.name == name}
        if len(versions) > 1:
            used = machine.package(name)
            assert used is not None
            others = [
                f"{other.version} in {other.folder}" for other in versions.values() if other.version != used.version
            ]
            yield InstallationFinding(
                "package-twice",
                f"{name} is installed more than once. Used is {used.version} in {used.folder}; hidden is "
                f"{listed(others)}.",
                "After an update the wrong one of them may be used.",
                "An environment of its own for the course, as the README describes it, has each package once.",
                note=True,
            )
