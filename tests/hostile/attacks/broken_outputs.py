"""Hand in outputs that are no outputs."""

from tests.hostile.attack import Attack, Handin


def fill(handin: Handin) -> None:
    handin.edit_cell("says-check", lambda cell: cell.update(outputs=[{"output_type": "points", "data": 1000}]))


ATTACK = Attack("graded", 10, spoil=fill)
