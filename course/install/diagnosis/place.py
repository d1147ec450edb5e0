"""The learner's folder: whether it is the course's, up to date, writable, and hides no package."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from course.install.diagnosis.finding import InstallationFinding, command, course, go_to
from course.install.diagnosis.machine import IMPORTED, Folder, Machine
from course.wording import listed, number_of

WINDOWS_LONGEST: Final = 259
"""The length of the longest path that Windows allows by default."""

LITTLE: Final = 50 * 1024**2
ENOUGH: Final = 500 * 1024**2

SYNCED: Final = (
    ("OneDrive", "OneDrive"),
    ("com~apple~CloudDocs", "iCloud"),
    ("iCloudDrive", "iCloud"),
    ("Dropbox", "Dropbox"),
    ("GoogleDrive", "Google Drive"),
    ("Google Drive", "Google Drive"),
)
"""The beginning of a synchronised folder's name, and the service that synchronises it."""


def check(machine: Machine) -> Iterator[InstallationFinding]:
    """Yield what is wrong with the learner's folder."""
    folder = machine.folder
    if folder is None:
        yield _not_in_the_course(machine)
        return
    yield from _lessons(machine, folder)
    yield from _writing(machine, folder)
    yield from _hiding(folder)
    yield from _ledgers(machine, folder)


def _not_in_the_course(machine: Machine) -> InstallationFinding:
    why = "course lab opens the lessons of the folder it is typed in, and the ledger is kept there."
    message = f"This folder is not the course's: there is no folder notebooks with lessons in {machine.here} or above."
    if machine.elsewhere:
        todo = "Go to the course's folder. The one this command belongs to is:"
        return InstallationFinding("folder-not-the-course", message, why, todo, (go_to(machine, machine.elsewhere),))
    todo = "Go to the folder that you made with course start. If there is none yet, this makes one:"
    line = course(machine, "start", "my-course")
    return InstallationFinding("folder-not-the-course", message, why, todo, (line, go_to(machine, "my-course")))


def _lessons(machine: Machine, folder: Folder) -> Iterator[InstallationFinding]:
    line = course(machine, "start", folder.path)
    if not folder.has_record:
        yield InstallationFinding(
            "folder-no-record",
            f"{folder.path} was not made with course start, or its folder .course is lost.",
            "It cannot be told whether the lessons are those of the course that is installed.",
            "To be sure, type this; it never writes over what you have done:",
            (line,),
            note=True,
        )
    elif folder.outdated:
        shown = listed([*folder.outdated[:3], *(["others"] if len(folder.outdated) > 3 else [])])
        yield InstallationFinding(
            "lessons-outdated",
            f"{number_of(len(folder.outdated), 'file')} in {folder.path} come from another version of the course than "
            f"the one that is installed: {shown}.",
            "A lesson may use what the installed course does not have, or has changed.",
            "Type this; what you have changed is never written over:",
            (line,),
        )


def _writing(machine: Machine, folder: Folder) -> Iterator[InstallationFinding]:
    if folder.read_only:
        yield InstallationFinding(
            "folder-read-only",
            f"You may not write in {listed(folder.read_only)}.",
            "Neither notebooks nor your ledger can be saved.",
            "Lay the course out in a folder of your own, such as:",
            (course(machine, "start", str(machine.pure(machine.home) / "my-course")),),
        )
    if folder.free_bytes < ENOUGH:
        yield InstallationFinding(
            "disk-full",
            f"Only {folder.free_bytes // 1024**2} MB are free on the disk of {folder.path}.",
            "When the disk is full, nothing can be saved.",
            "Delete what you no longer need; emptying the bin often helps.",
            note=folder.free_bytes >= LITTLE,
        )
    if machine.on_windows and len(folder.longest) > WINDOWS_LONGEST:
        yield InstallationFinding(
            "path-too-long",
            f"Some paths here have {len(folder.longest)} characters, and Windows allows {WINDOWS_LONGEST}: "
            f"{folder.longest}",
            "Saving a notebook there fails.",
            "Close JupyterLab and move the course's folder to a short place, such as C:\\course.",
        )
    for part in machine.pure(folder.path).parts:
        for begins, service in SYNCED:
            if part.startswith(begins):
                yield InstallationFinding(
                    "folder-synced",
                    f"This folder is copied to the network by {service}: {folder.path}",
                    "While a file is being copied it may not be saved, and work on two computers gives two ledgers.",
                    f"It mostly works. To be safe, move the folder out of {service}, or stop copying while you work.",
                    note=True,
                )
                return


def _hiding(folder: Folder) -> Iterator[InstallationFinding]:
    """Yield the files that a notebook would import instead of a package of the same name."""
    # Sooner or later a learner names a program `random.py`, and then nothing starts any more.
    known = {*sys.stdlib_module_names, *IMPORTED.values(), "IPython", "course", "jupyter", "numpy", "notebook"}
    for name in folder.names:
        path = PurePosixPath(name)
        if path.stem in known:
            yield InstallationFinding(
                "file-hides-package",
                f"{name} in {folder.path} has the name of something that Python itself, or the course, needs.",
                f"Notebooks in that folder load your file instead of the real {path.stem}, and may not even start.",
                f"Rename it, for example to my_{path.name}, and restart the kernel.",
            )


def _ledgers(machine: Machine, folder: Folder) -> Iterator[InstallationFinding]:
    for ledger in folder.ledgers:
        if ledger.newer:
            yield InstallationFinding(
                "ledger-newer",
                f"{ledger.name} was written by a newer version of the course.",
                "It is shown, but what you change is not kept.",
                "Update the course:",
                (command(machine, "-m", "pip", "install", "--upgrade", "completely-free"),),
            )
        else:
            yield InstallationFinding(
                "ledger-damaged",
                f"{ledger.name} {ledger.faults}",
                "It holds your ratings.",
                "Open the notebook beside it and run its first cells: the ledger is then put right, with what could be "
                "recovered, and the damaged file is kept under another name.",
            )
