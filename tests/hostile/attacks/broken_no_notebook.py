"""Hand in a folder without a notebook."""

from tests.hostile.attack import Attack, Handin


def remove(handin: Handin) -> None:
    handin.notebook.unlink()


ATTACK = Attack("failed", spoil=remove)
