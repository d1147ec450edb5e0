"""Hand in a hard link to the solutions’ notebook and write to it."""

import os

from tests.hostile.attack import Attack, Handin

SHARE = """\
try:
    with open('data.json', 'r+') as file:
        file.write('overwritten')
except OSError:
    pass
share_lost = 100 - 86 * 84 / 100
"""


def link(handin: Handin) -> None:
    os.link(handin.course / "solutions" / "hostile" / "hostile.ipynb", handin.folder / "data.json")


ATTACK = Attack("graded", 10, answers={"share": SHARE}, spoil=link)
