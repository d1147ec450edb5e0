"""Overwrite what another student has handed in."""

from tests.hostile.attack import Attack

SHARE = """\
from pathlib import Path
for notebook in ['@COURSE@/submitted/s000-honest/hostile/hostile.ipynb']:
    try:
        Path(notebook).write_text('{}')
        print('BREACH: another hand-in')
    except OSError:
        pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
