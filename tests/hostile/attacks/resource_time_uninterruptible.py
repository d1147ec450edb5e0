"""Run for ever, and take no interruption."""

from tests.hostile.attack import Attack

RATED = """\
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""


ATTACK = Attack("graded", 9, answers={"rated": RATED})
