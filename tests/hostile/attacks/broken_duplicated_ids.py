"""Give every cell the same id."""

from tests.hostile.attack import Attack, Handin


def same(handin: Handin) -> None:
    handin.edit(lambda content: [cell.update(id="same") for cell in content["cells"]])


ATTACK = Attack("graded", 10, spoil=same)
