"""Break the marks of a check: text for points, no schema."""

from tests.hostile.attack import Attack, Handin


def spoil(handin: Handin) -> None:
    marks = {"grade_id": "says-check", "grade": "yes", "points": "a million", "locked": None}
    handin.edit_cell("says-check", lambda cell: cell["metadata"].update(nbgrader=marks))


ATTACK = Attack("graded", 10, spoil=spoil)
