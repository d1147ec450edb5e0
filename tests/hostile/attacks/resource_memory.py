"""Take all memory there is."""

from tests.hostile.attack import Attack

RATED = """\
held = []
while True:
    held.append(bytearray(50_000_000))
"""


ATTACK = Attack("graded", 10, answers={"rated": RATED})
