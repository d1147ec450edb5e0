"""Take a little less than is allowed for each cell, again and again."""

from tests.hostile.attack import Attack

RATED = """\
import time
for _ in range(1000):
    time.sleep(1)
"""


ATTACK = Attack("graded", 10, answers={"rated": RATED})
