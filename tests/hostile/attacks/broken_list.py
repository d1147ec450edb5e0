"""Hand in JSON that is no notebook."""

from tests.hostile.attack import Attack, Handin


def write(handin: Handin) -> None:
    handin.notebook.write_text('[{"cells": null}]')


ATTACK = Attack("failed", spoil=write)
