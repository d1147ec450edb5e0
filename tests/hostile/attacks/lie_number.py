"""Answer with a number that becomes whatever it is compared with."""

from tests.hostile.attack import Attack

TOTAL = """\
class Number(int):
    def __sub__(self, other):
        return 0

total = Number(1)
"""


ATTACK = Attack("graded", 9, answers={"total": TOTAL})
