"""Replace the source of checks by one that passes."""

from tests.hostile.attack import Attack, Handin

SAYS = """\
def says(text, word):
    return 'no idea'
"""


def replace(handin: Handin) -> None:
    handin.edit_cell("says-check", lambda cell: cell.update(source="print('passed')"))


ATTACK = Attack("graded", 8, answers={"says": SAYS}, spoil=replace)
