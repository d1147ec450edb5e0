"""Start processes that start processes."""

from tests.hostile.attack import Attack

RATED = """\
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""


ATTACK = Attack("graded", 9, answers={"rated": RATED})
