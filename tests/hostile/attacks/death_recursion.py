"""Recurse until Python crashes."""

from tests.hostile.attack import Attack

RATED = """\
import os
os.remove('ledger.json')
import sys
sys.setrecursionlimit(10**8)
def down(n):
    return [down(n + 1) for _ in range(1)]
down(0)
"""


ATTACK = Attack("graded", 9, answers={"rated": RATED})
