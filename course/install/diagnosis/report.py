"""Inspect an installation and report, as text or as JSON, what is wrong with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from course.install.diagnosis import front_end, interpreter, packages, place
from course.install.diagnosis.finding import InstallationFinding
from course.install.diagnosis.machine import COURSE, Machine, inspect_machine
from course.wording import number_of

CHECKS = (interpreter.check, packages.check, front_end.check, place.check)


def examine(machine: Machine) -> list[InstallationFinding]:
    """Return the findings about a machine; notes come last."""
    return sorted((finding for check in CHECKS for finding in check(machine)), key=lambda finding: finding.note)


def report(here: Path, *, as_json: bool = False) -> bool:
    """Inspect the installation, print the findings, and return whether nothing is wrong.

    Parameters
    ----------
    here : pathlib.Path
        The learner's folder; the course's folder is this one or one above it.
    as_json : bool, optional
        Whether to print one JSON document and nothing else.
    """
    machine = inspect_machine(here)
    findings = examine(machine)
    _print(format_json(machine, findings) if as_json else "\n".join(format_findings(machine, findings)))
    return is_well(findings)


def is_well(findings: Sequence[InstallationFinding]) -> bool:
    """Whether nothing has to be done."""
    return all(finding.note for finding in findings)


def format_findings(machine: Machine, findings: Sequence[InstallationFinding]) -> list[str]:
    """Return the findings as lines of text."""
    course = machine.package(COURSE)
    wrong = [finding for finding in findings if not finding.note]
    notes = [finding for finding in findings if finding.note]
    lines = [
        f"Python {machine.version} in {machine.prefix}",
        f"Course {course.version if course else 'not installed'}; folder: "
        f"{machine.folder.path if machine.folder else machine.here}",
        "",
    ]
    for number, finding in enumerate(wrong, 1):
        lines += [f"{number}. {finding.message}", *_rest(finding), ""]
    if notes:
        lines.append("Notes; you don’t have to do anything:")
        for finding in notes:
            lines += [f" - {finding.message}", *_rest(finding), ""]
    if wrong:
        lines.append(f"{number_of(len(wrong), 'problem')} to fix. Begin with the first, then run this command again.")
    else:
        lines.append("Nothing is wrong with this installation.")
    return lines


def _rest(finding: InstallationFinding) -> list[str]:
    return [f"   {finding.why}", f"   {finding.todo}", *(f"       {line}" for line in finding.lines)]


def format_json(machine: Machine, findings: Sequence[InstallationFinding]) -> str:
    """Return the findings as one JSON document, for a program or for a helper."""
    course = machine.package(COURSE)
    document = {
        "well": is_well(findings),
        "platform": machine.platform,
        "python": machine.version,
        "executable": machine.executable,
        "course": course.version if course else None,
        "folder": machine.folder.path if machine.folder else None,
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(document, indent=2)


def _print(text: str) -> None:
    """Print text, and replace characters that the terminal's encoding lacks."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
