"""Print 100 MB."""

from tests.hostile.attack import Attack

RATED = """\
for _ in range(100):
    print('x' * 1_000_000)
raise ValueError('printed')
"""


ATTACK = Attack("graded", 10, answers={"rated": RATED})
