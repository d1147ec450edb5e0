"""Take all memory there is."""

from tests.hostile.attack import Attack

RATED = """\
import os
os.remove('ledger.json')
held = []
while True:
    held.append(bytearray(50_000_000))
"""


ATTACK = Attack("graded", 9, answers={"rated": RATED})
