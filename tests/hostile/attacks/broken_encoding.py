"""Save the notebook in another encoding."""

from tests.hostile.attack import Attack, Handin


def encode(handin: Handin) -> None:
    handin.notebook.write_text(handin.notebook.read_text(encoding="utf-8"), encoding="utf-16")


ATTACK = Attack("graded", 10, spoil=encode)
