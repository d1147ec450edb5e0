"""Hand in a link to another student’s notebook."""

from tests.hostile.attack import Attack, Handin


def link(handin: Handin) -> None:
    handin.notebook.unlink()
    handin.notebook.symlink_to(handin.course / "submitted" / "s000-honest" / "hostile" / "hostile.ipynb")


ATTACK = Attack("failed", because="link", spoil=link)
