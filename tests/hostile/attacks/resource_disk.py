"""Fill the disk."""

from tests.hostile.attack import Attack

RATED = """\
import os
os.remove('ledger.json')
for number in range(1000):
    with open(f'fill-{number}', 'wb') as file:
        for _ in range(10):
            file.write(b'x' * 1_000_000)
"""


ATTACK = Attack("graded", 9, answers={"rated": RATED})
