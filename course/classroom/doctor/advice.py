"""What a person can do in JupyterLab about what is found: the sentences that come up more than once."""

from typing import Final

UNDO: Final = "While the notebook is still open in JupyterLab, the menu Edit, Undo Cell Operation takes it back."
FRESH: Final = "Otherwise open a fresh copy of the exercise and paste your answers into it, one cell at a time."
DELETE: Final = "Select the copy and press D twice. Where JupyterLab refuses, course doctor --fix takes it out."
MOVE: Final = "In JupyterLab, Ctrl+Shift and the arrow up or down moves the selected cell."
