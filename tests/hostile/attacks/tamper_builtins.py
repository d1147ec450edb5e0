"""Replace built-in functions for everybody."""

from tests.hostile.attack import Attack

TOTAL = """\
import builtins
builtins.isinstance = lambda thing, kind: True
builtins.abs = lambda number: 0
total = 'many'
"""


ATTACK = Attack("flagged", because="builtins", answers={"total": TOTAL})
