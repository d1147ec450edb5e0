"""Remove its own folder while it runs, and make what is left unreadable."""

from tests.hostile.attack import Attack

SHARE = """\
import os, shutil
shutil.rmtree('.', ignore_errors=True)
os.chmod('.', 0)
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 9, answers={"share": SHARE})
