"""Ask for a kernel that nobody has."""

from tests.hostile.attack import Attack, Handin


def ask(handin: Handin) -> None:
    spec = {"name": "hostile", "display_name": "Hostile", "language": "bash"}
    handin.edit(lambda content: content["metadata"].update(kernelspec=spec))


ATTACK = Attack("graded", 10, spoil=ask)
