"""Hand in JSON nested so deep that readers overflow."""

from tests.hostile.attack import Attack, Handin


def nest(handin: Handin) -> None:
    handin.notebook.write_text('{"cells": ' + "[" * 200_000 + "]" * 200_000 + "}")


ATTACK = Attack("failed", spoil=nest)
