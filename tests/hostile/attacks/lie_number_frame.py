"""Answer with a number that reads the right one off the check’s variables."""

from tests.hostile.attack import Attack

SHARE = """\
import sys

class Number(float):
    def __float__(self):
        return float(sys._getframe(1).f_locals['expected'])

share_lost = Number(1)
"""


ATTACK = Attack("graded", 8, answers={"share": SHARE})
