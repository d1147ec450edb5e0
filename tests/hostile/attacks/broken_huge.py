"""Hand in a notebook larger than memory can hold."""

import os

from tests.hostile.attack import Attack, Handin


def grow(handin: Handin) -> None:
    os.truncate(handin.notebook, 250 << 20)


ATTACK = Attack("failed", spoil=grow)
