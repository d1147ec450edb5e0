"""Leave out the ids of cells."""

from tests.hostile.attack import Attack, Handin


def leave_out(handin: Handin) -> None:
    handin.edit(lambda content: [cell.pop("id") for cell in content["cells"]])


ATTACK = Attack("graded", 10, spoil=leave_out)
