"""End Python in the middle of a test, so that no error is there."""

from tests.hostile.attack import Attack

SAYS = """\
import os
def says(text, word):
    os._exit(0)
"""


ATTACK = Attack("graded", 3, answers={"says": SAYS})
