"""Hand the notebook in under another name."""

from tests.hostile.attack import Attack, Handin


def rename(handin: Handin) -> None:
    handin.notebook.rename(handin.folder / "hostile (1).ipynb")


ATTACK = Attack("graded", 10, because="was graded as", spoil=rename)
