"""Run for ever."""

from tests.hostile.attack import Attack

UNIT = """\
while True:
    pass
"""


ATTACK = Attack("graded", 9, answers={"unit": UNIT})
