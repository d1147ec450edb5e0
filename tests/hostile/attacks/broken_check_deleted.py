"""Delete the cell of a check."""

from tests.hostile.attack import Attack, Handin, find


def delete(handin: Handin) -> None:
    handin.edit(lambda content: content["cells"].remove(find(content, "says-check")))


ATTACK = Attack("needs marking", 8, spoil=delete)
