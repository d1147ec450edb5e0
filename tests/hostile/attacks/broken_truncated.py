"""Hand in half a notebook."""

from tests.hostile.attack import Attack, Handin


def cut(handin: Handin) -> None:
    text = handin.notebook.read_text()
    handin.notebook.write_text(text[: len(text) // 2])


ATTACK = Attack("failed", spoil=cut)
