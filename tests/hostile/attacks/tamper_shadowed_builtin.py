"""Call a function of its own abs, so that every distance is nothing."""

from tests.hostile.attack import Attack

TOTAL = """\
def abs(number):
    return 0

total = 1
"""


ATTACK = Attack("graded", 9, answers={"total": TOTAL})
