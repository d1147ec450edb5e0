"""Leave folders inside folders, deeper than any path can be long, and lock each of them."""

from tests.hostile.attack import Attack

RATED = """\
import os, time
os.remove('ledger.json')
for _ in range(3000):
    os.mkdir('down')
    os.chdir('down')
    os.chmod('.', 0o300)
time.sleep(60)
"""


ATTACK = Attack("graded", 9, answers={"rated": RATED})
