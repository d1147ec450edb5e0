"""Write more points into the notebook."""

from tests.hostile.attack import Attack, Handin

SAYS = """\
def says(text, word):
    return 'no idea'
"""


def raise_points(handin: Handin) -> None:
    for name in ("share-check", "says-check"):
        handin.edit_cell(name, lambda cell: cell["metadata"]["nbgrader"].update(points=1000, checksum="0" * 32))


ATTACK = Attack("graded", 8, answers={"says": SAYS}, spoil=raise_points)
