"""Replace built-in functions for everybody."""

from tests.hostile.attack import Attack

TOTAL = """\
import builtins
builtins.abs = lambda number: 0
total = 1
"""


ATTACK = Attack("graded", 9, answers={"total": TOTAL})
