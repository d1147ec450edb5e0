"""What is wrong with an exercise, in words, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from course.checks.notebook import Correction, UnreadableError
from course.wording import number_of

UNDO: Final = "If the notebook is still open in JupyterLab, choose Edit, Undo Cell Operation."
FRESH: Final = "Otherwise open a fresh copy of the exercise and paste your answers into it, one cell at a time."
DELETE: Final = "Select the copy and press D twice. If JupyterLab refuses, run course doctor --fix."
MOVE: Final = "In JupyterLab, select the cell and move it with Ctrl+Shift and the up or down arrow."
_SAVE: Final = "Open the notebook in JupyterLab and save it."
_AGAIN: Final = (
    "Get the file again from where you worked: in JupyterLab, right-click its name in the file browser and choose "
    "Download. If that copy is damaged too, take a fresh copy of the exercise and paste your answers into it."
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
        "old": "Open it in JupyterLab and save it. This updates its format.",
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
                f"{number_of(odd, 'cell')} {'does' if odd == 1 else 'do'} not follow the notebook format.",
                _SAVE,
                "Adds what is missing in these cells.",
            )
        )
    if line_ends:
        diagnoses.append(
            Diagnosis(
                "line-ends",
                f"{number_of(line_ends, 'cell')} {'has' if line_ends == 1 else 'have'} Windows line endings, so "
                "nbgrader thinks that the text was changed.",
                "Do not edit a notebook with a text editor; use JupyterLab.",
                "Writes plain line endings.",
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
                "Gives the cells ids. Cells of the exercise get back their own.",
                note=is_old,
            )
        )
    return diagnoses


_OF_FILE: Final[Mapping[str, Diagnosis]] = {
    "encoding": Diagnosis(
        "encoding",
        "The file is not plain UTF-8 text. Windows’ Notepad may save it so. nbgrader cannot read it.",
        "Open the notebook in JupyterLab and save it there. Never save a notebook with a text editor.",
        "Saves it as plain UTF-8 text.",
    ),
    "trailing": Diagnosis(
        "broken",
        "After the end of the notebook, the file has other content.",
        f"{_SAVE} If it does not open, use the copy from where you worked.",
        "Keeps the notebook and removes what follows it.",
    ),
    "cut off": Diagnosis(
        "broken",
        "The file is cut off: its end is missing. A broken download or a full disk can cause this.",
        _AGAIN,
        "Keeps every cell that is still there, and adds the others as they were handed out.",
    ),
    "format": Diagnosis(
        "format",
        "The notebook is not in the current format (4.5).",
        _SAVE,
        "Updates its format.",
    ),
    "notebook": Diagnosis(
        "malformed",
        "The notebook’s metadata does not follow the notebook format.",
        _SAVE,
        "Completes the metadata and removes what does not belong there.",
    ),
}
