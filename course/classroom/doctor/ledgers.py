"""Check and repair the ledger beside a notebook, and the frozen copy of it in the notebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from course import files
from course.checks.exercise import LEDGER
from course.checks.hand_in import FoundLedger, files_in, find_ledger, sets_ratings, tools_with_ledger, unpack
from course.checks.notebook import frozen_ledger, marks_of
from course.classroom.doctor.diagnosis import Diagnosis
from course.ledger import Ledger, codec


def check_ledger(root: Path, path: Path, notebook: Mapping[str, Any], *, deep: bool) -> Iterator[Diagnosis]:
    """Yield what is wrong with the ledger of a notebook in which something was answered.

    An exercise without a tool that writes into a ledger needs none.

    Parameters
    ----------
    root : pathlib.Path
        The folder that is handed in.
    path : pathlib.Path
        The notebook's file, in this folder or below it.
    notebook : mapping
        The notebook.
    deep : bool
        Whether the ledger is also looked for in the folders inside.
    """
    tools = tools_with_ledger(notebook["cells"])
    if not tools:
        return
    sources = [cell["source"] for cell in notebook["cells"] if marks_of(cell).get("solution")]
    frozen = next((text for source in sources if (text := frozen_ledger(source))), "")
    if frozen and codec.read(frozen.encode("utf-8", "backslashreplace"))[1]:
        yield Diagnosis(
            "frozen",
            "The frozen copy of your ratings in the notebook is damaged.",
            "Write board.freeze() in that cell, in place of what is there, and run it. Do not edit what it writes.",
        )
    if path.with_name(LEDGER).is_symlink():
        yield Diagnosis("ledger", f"{LEDGER} is a link to another file.", "Put the file itself into this folder.")
        return
    ledger = _find(root, path, deep=deep)
    for fault in ledger.faults:
        yield Diagnosis(
            "ledger",
            fault,
            "Update the course. The file was not changed."
            if ledger.is_of_newer_version
            else "Open the notebook in JupyterLab, run all cells, and check that your ratings are there.",
            "Saves a copy of the file and writes a new one with everything that can be read."
            if ledger.raw and not ledger.is_of_newer_version
            else "",
            note=ledger.is_of_newer_version,
        )
    if not ledger.is_in_place:
        yield Diagnosis(
            "ledger",
            " ".join(ledger.notes),
            f"There has to be one file called {LEDGER} beside the notebook: your tools write into it.",
            f"Writes {LEDGER} with all these entries.",
        )
    elif not ledger.faults and not ledger.contents.items:
        yield _without(ledger, bool(frozen) or any(sets_ratings(source, tools) for source in sources))


def repair_ledger(root: Path, path: Path, *, deep: bool) -> None:
    """Put the ledger that counts beside the notebook, and rewrite what can be read of a damaged one.

    What was there is kept aside.

    Raises
    ------
    OSError
        If the disk refuses.
    """
    file, ledger = path.with_name(LEDGER), _find(root, path, deep=deep)
    if not ledger.is_in_place and ledger.raw is not None:
        if raw := files.read(file):
            files.keep_aside(file, raw)
        files.write(file, ledger.raw)
        misnamed = root / ledger.names[0]
        # A disk that does not tell capital letters apart has only one file here.
        if len(ledger.names) == 1 and misnamed.parent == path.parent and not misnamed.samefile(file):
            misnamed.unlink()
    # Opening a damaged ledger rewrites it.
    Ledger.open(file)


def _find(root: Path, path: Path, *, deep: bool) -> FoundLedger:
    everything, _ = unpack(files_in(root, deep=deep))
    return find_ledger(everything, PurePosixPath(path.parent.relative_to(root).as_posix()))


def _without(ledger: FoundLedger, in_notebook: bool) -> Diagnosis:
    there = f"{LEDGER} has no ratings and no answers" if ledger.raw is not None else f"There is no {LEDGER}"
    if in_notebook:
        return Diagnosis(
            "ledger",
            f"{there} beside the notebook. The copy in the notebook counts.",
            "That is enough. If you have worked in the tool since you made the copy, copy again.",
            note=True,
        )
    return Diagnosis(
        "ledger",
        f"{there} beside the notebook, so your work in the tool is missing.",
        f"Look for {LEDGER} in the folder where you worked and hand in both files. If you cannot find it, run the "
        "cell that copies your work into the notebook, save, and hand in the notebook.",
    )
