"""Turn a check into a text cell."""

from typing import Any

from tests.hostile.attack import Attack, Handin

SAYS = """\
def says(text, word):
    return 'no idea'
"""


def retype(handin: Handin) -> None:
    def change(cell: dict[str, Any]) -> None:
        cell["cell_type"] = "markdown"
        del cell["outputs"], cell["execution_count"]

    handin.edit_cell("says-check", change)


ATTACK = Attack("graded", 8, answers={"says": SAYS}, spoil=retype)
