"""Jupyter: whether its kernel is this Python, its page has the extensions, and a browser can reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from course.install.diagnosis.finding import InstallationFinding, command, reinstall
from course.install.diagnosis.machine import LAB_PORT, Machine

BROUGHT_BY: Final[Mapping[str, str]] = {
    "anywidget": "anywidget",
    "@jupyter-widgets/jupyterlab-manager": "jupyterlab-widgets",
    "@jupyter/nbgrader": "nbgrader",
}
"""The package that installs each extension for JupyterLab."""

SAME_VERSION: Final = ("anywidget", "@jupyter/nbgrader")
"""Extensions that have the same version as their package."""


def check(machine: Machine) -> Iterator[InstallationFinding]:
    """Yield what is wrong with Jupyter."""
    yield from _kernel(machine)
    yield from _extensions(machine)
    yield from _address(machine)


def _kernel(machine: Machine) -> Iterator[InstallationFinding]:
    kernel = machine.kernel
    if kernel is None:
        return
    options = ("--sys-prefix",) if machine.in_environment else ("--user",)
    lines = (command(machine, "-m", "ipykernel", "install", *options),)
    why = "Cells would run in another Python, without the course, or not at all."
    todo = "Close JupyterLab, then type:"
    if kernel.error:
        yield InstallationFinding(
            "kernel-missing", f"JupyterLab has no kernel called python3: {kernel.error}", why, todo, lines
        )
    elif not kernel.exists:
        message = f"The kernel python3 starts a Python that is no longer there: {kernel.argv[0] if kernel.argv else ''}"
        yield InstallationFinding("kernel-gone", f"{message} (said in {kernel.folder})", why, todo, lines)
    elif not _is_ours(machine, kernel.argv[0]):
        message = f"The kernel python3 is another Python: {kernel.argv[0]}, not {machine.executable}"
        yield InstallationFinding("kernel-elsewhere", f"{message} (said in {kernel.folder})", why, todo, lines)


def _is_ours(machine: Machine, program: str) -> bool:
    """Whether a kernel's program is this Python. Jupyter replaces a bare name by the running Python."""
    path, own = machine.pure(program), machine.pure(machine.executable)
    return len(path.parts) == 1 or path.parent in (own.parent, machine.pure(machine.scripts))


def _extensions(machine: Machine) -> Iterator[InstallationFinding]:
    for name, extension in (machine.extensions or {}).items():
        package = machine.package(BROUGHT_BY[name])
        if package is None:
            continue
        is_nbgrader = name == "@jupyter/nbgrader"
        why = (
            "JupyterLab then has no button that validates an exercise. The last cell of an exercise does the same."
            if is_nbgrader
            else "Widgets stay empty, or the page says “Error displaying widget”."
        )
        lines = (reinstall(machine, package),)
        if not extension.folder:
            message = f"JupyterLab does not find the part of {package.name} that runs in the page ({name})."
            todo = "Close JupyterLab, then type:"
            yield InstallationFinding("extension-missing", message, why, todo, lines, note=is_nbgrader)
        elif extension.disabled_in:
            message = f"JupyterLab's extension {name} is switched off in {extension.disabled_in}"
            line = (command(machine, "-m", "jupyterlab.labextensions", "enable", name),)
            todo = "Close JupyterLab, then type:"
            yield InstallationFinding("extension-disabled", message, why, todo, line, note=is_nbgrader)
        elif name in SAME_VERSION and extension.version != package.version:
            message = (
                f"JupyterLab uses {name} {extension.version} from {extension.folder}, but the package in this Python "
                f"is {package.version}."
            )
            todo = (
                "An older installation left that folder behind. "
                f"Close JupyterLab, delete {extension.folder}, then type:"
            )
            yield InstallationFinding("extension-version", message, why, todo, lines, note=is_nbgrader)


def _address(machine: Machine) -> Iterator[InstallationFinding]:
    if machine.no_loopback:
        yield InstallationFinding(
            "no-loopback",
            f"Programs on this computer cannot reach each other at 127.0.0.1: {machine.no_loopback}",
            "JupyterLab is a small server on your own computer, and your browser could not reach it.",
            "A firewall or security program keeps Python from it. Allow Python there, or ask who looks after the "
            "computer.",
        )
    elif machine.lab_port_taken:
        yield InstallationFinding(
            "port-taken",
            f"Something is already running at port {LAB_PORT}, most likely a JupyterLab in another window.",
            "course lab takes the next free port, so two windows may show the same lesson.",
            "Close the other one with Ctrl+C, twice, if you no longer need it.",
            note=True,
        )
