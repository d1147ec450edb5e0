"""Hand in an empty file."""

from tests.hostile.attack import Attack, Handin


def empty(handin: Handin) -> None:
    handin.notebook.write_text("")


ATTACK = Attack("failed", spoil=empty)
