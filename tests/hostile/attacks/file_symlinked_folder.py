"""Hand in a link to another student’s folder."""

import shutil

from tests.hostile.attack import Attack, Handin


def link(handin: Handin) -> None:
    shutil.rmtree(handin.folder)
    handin.folder.symlink_to(handin.course / "submitted" / "s000-honest" / "hostile")


ATTACK = Attack("failed", because="link", spoil=link)
