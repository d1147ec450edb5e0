"""What is wrong with an exercise, in words, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from course.checks.notebook import Correction, UnreadableError
from course.wording import number_of

UNDO: Final = "While the notebook is still open in JupyterLab, the menu Edit, Undo Cell Operation takes it back."
FRESH: Final = "Otherwise open a fresh copy of the exercise and paste your answers into it, one cell at a time."
DELETE: Final = "Select the copy and press D twice. Where JupyterLab refuses, course doctor --fix takes it out."
MOVE: Final = "In JupyterLab, Ctrl+Shift and the arrow up or down moves the selected cell."
_SAVE: Final = "Open the notebook in JupyterLab and save it."
_AGAIN: Final = (
    "Get the file anew from where you worked: in JupyterLab, right-click its name in the file browser and choose "
    "Download. Where that is damaged too, take a fresh copy of the exercise and paste your answers into it."
)


@dataclass(frozen=True)
class Diagnosis:
    """One thing that is wrong with an exercise.

    Parameters
    ----------
    code : str
        What kind of thing, in one word that does not change: for programs.
    message : str
        What is wrong, and where.
    advice : str
        What a person can do about it.
    repair : str
        What ``--fix`` does about it; empty where only a person can do something.
    note : bool
        Whether it is only worth knowing: nothing has to be done.
    """

    code: str
    message: str
    advice: str
    repair: str = ""
    note: bool = False


def of_unreadable(error: UnreadableError) -> Diagnosis:
    """Return why a file cannot be read as a notebook, and what to do."""
    advice = {
        "access": "Copy it to a folder of your own.",
        "large": "In JupyterLab, choose Edit, Clear Outputs of All Cells, and save.",
        "merge": "Choose one of them: git checkout --ours FILE, or git checkout --theirs FILE.",
        "old": "Open it in JupyterLab and save it: that brings it up to date.",
    }
    return Diagnosis("broken", f"The file {error}.", advice.get(error.cause, _AGAIN))


def of_corrections(corrections: Sequence[Correction], notebook: Mapping[str, Any]) -> list[Diagnosis]:
    """Return what reading a notebook had to correct.

    Parameters
    ----------
    corrections : sequence of Correction
        What was corrected in its file or its form.
    notebook : mapping
        The notebook before its form was corrected.
    """
    codes = dict.fromkeys(correction.code for correction in corrections)
    diagnoses = [_OF_FILE[code] for code in codes if code in _OF_FILE]
    odd, line_ends, ids = (
        len({position for correction in corrections if correction.code == code for position in correction.cells})
        for code in ("cell", "line ends", "id")
    )
    if odd:
        diagnoses.append(
            Diagnosis(
                "malformed",
                f"{number_of(odd, 'cell')} {'is' if odd == 1 else 'are'} not as the notebook format asks for.",
                _SAVE,
                "Gives these cells what they lack.",
            )
        )
    if line_ends:
        diagnoses.append(
            Diagnosis(
                "line-ends",
                f"{number_of(line_ends, 'cell')} {'has' if line_ends == 1 else 'have'} Windows line ends inside, so "
                "nbgrader takes them for changed.",
                "Do not edit a notebook with a text editor; JupyterLab writes it right.",
                "Writes plain line ends.",
            )
        )
    if ids:
        minor = notebook.get("nbformat_minor")
        # Before format 4.5 no cell had an id, and nothing is wrong with that.
        is_old = ids == len(notebook["cells"]) and type(minor) is int and minor < 5
        diagnoses.append(
            Diagnosis(
                "ids",
                f"{number_of(ids, 'cell')} {'has no id of its' if ids == 1 else 'have no id of their'} own.",
                _SAVE,
                "Gives the cells ids; those of the exercise get theirs back.",
                note=is_old,
            )
        )
    return diagnoses


_OF_FILE: Final[Mapping[str, Diagnosis]] = {
    "encoding": Diagnosis(
        "encoding",
        "The file was not saved as plain UTF-8 text, as Windows’ Notepad does. nbgrader cannot read that.",
        "Open the notebook in JupyterLab and save it there. Never save a notebook with a text editor.",
        "Saves it as the UTF-8 text that a notebook is.",
    ),
    "trailing": Diagnosis(
        "broken",
        "Behind the end of the notebook there is something else in the file.",
        f"{_SAVE} If it does not open, take the copy from where you worked.",
        "Keeps the notebook, and leaves out what follows it.",
    ),
    "cut off": Diagnosis(
        "broken",
        "The file is cut off: its end is missing, as after a broken download or a full disk.",
        _AGAIN,
        "Keeps every cell that is still there, and puts back the others as they were handed out.",
    ),
    "format": Diagnosis(
        "format",
        "The notebook does not say that it has the format of today (4.5).",
        _SAVE,
        "Brings it up to date.",
    ),
    "notebook": Diagnosis(
        "malformed",
        "What the notebook says about itself is not as the notebook format asks for.",
        _SAVE,
        "Completes it, and leaves out what does not belong there.",
    ),
}
