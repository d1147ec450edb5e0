"""End Python without a word."""

from tests.hostile.attack import Attack

RATED = """\
import os
os._exit(0)
"""


ATTACK = Attack("graded", 9, answers={"rated": RATED})
