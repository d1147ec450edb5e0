"""Hand in links to the machine’s users and to the gradebook beside the notebook."""

from tests.hostile.attack import Attack, Handin

SHARE = """\
for name in ['users', 'book']:
    try:
        if open(name, 'rb').read():
            print('BREACH:', name)
    except OSError:
        pass
share_lost = 100 - 86 * 84 / 100
"""


def link(handin: Handin) -> None:
    (handin.folder / "users").symlink_to("/etc/passwd")
    (handin.folder / "book").symlink_to(handin.course / "gradebook.db")


ATTACK = Attack("graded", 10, because="left out", answers={"share": SHARE}, spoil=link)
