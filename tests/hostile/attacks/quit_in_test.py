"""Leave Python in the middle of a test."""

from tests.hostile.attack import Attack

SAYS = """\
def says(text, word):
    raise SystemExit(0)
"""


ATTACK = Attack("graded", 8, answers={"says": SAYS})
