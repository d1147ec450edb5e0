"""Give the notebook built-in functions of its own."""

from tests.hostile.attack import Attack

TOTAL = """\
import builtins
__builtins__ = dict(vars(builtins), isinstance=lambda thing, kind: True, abs=lambda number: 0)
total = 'many'
"""


ATTACK = Attack("graded", 9, answers={"total": TOTAL})
