"""Fill the disk with files that have no name any more."""

from tests.hostile.attack import Attack

RATED = """\
import os
held = []
for number in range(1000):
    file = open('fill', 'w+b')
    for _ in range(10):
        file.write(b'x' * 1_000_000)
    file.flush()
    os.unlink('fill')
    held.append(file)
"""


ATTACK = Attack("graded", 9, because="filled its folder", answers={"rated": RATED})
