"""Put a pipe in the place of the ledger, which hangs whoever opens it."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import os
if os.path.exists('ledger.json'):
    os.remove('ledger.json')
os.mkfifo('ledger.json')
"""


ATTACK = Attack("graded", 0, answers={"share": PAYLOAD}, blank=True)
