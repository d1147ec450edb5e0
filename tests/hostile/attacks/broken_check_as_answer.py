"""Mark a check as an answer, so that its source is not put back."""

from typing import Any

from tests.hostile.attack import Attack, Handin

SAYS = """\
def says(text, word):
    return 'no idea'
"""


def remark(handin: Handin) -> None:
    def change(cell: dict[str, Any]) -> None:
        cell["source"] = "pass"
        cell["metadata"]["nbgrader"].update(solution=True, locked=False)

    handin.edit_cell("says-check", change)


ATTACK = Attack("graded", 8, answers={"says": SAYS}, spoil=remark)
