"""Read the solutions, what was released, and other students’ work."""

from tests.hostile.attack import Attack

SHARE = """\
import os
from pathlib import Path
for place in ['solutions', 'submitted', 'autograded', '.course', '.', '..']:
    try:
        if os.listdir(Path('@COURSE@') / place):
            print('BREACH:', place)
    except OSError:
        pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
