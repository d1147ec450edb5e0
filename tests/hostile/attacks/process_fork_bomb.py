"""Start processes that start processes."""

from tests.hostile.attack import Attack

RATED = """\
import os
os.remove('ledger.json')
while True:
    try:
        os.fork()
    except OSError:
        pass
"""


ATTACK = Attack("graded", 9, answers={"rated": RATED})
