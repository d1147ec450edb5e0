"""Write a file over the autograded notebook, so that it is graded instead."""

from tests.hostile.attack import Attack

SHARE = """\
from pathlib import Path
Path('hostile.ipynb').write_text('BREACH')
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
