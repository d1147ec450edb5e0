"""Make more files than anybody can copy."""

from tests.hostile.attack import Attack

RATED = """\
import os
os.remove('ledger.json')
os.mkdir('many')
number = 0
while True:
    open(f'many/{number}', 'w').close()
    number += 1
"""


ATTACK = Attack("graded", 9, answers={"rated": RATED})
