"""Close every open file, that to the grader among them."""

from tests.hostile.attack import Attack

RATED = """\
import os
os.closerange(0, 4096)
"""


ATTACK = Attack("graded", 9, answers={"rated": RATED})
