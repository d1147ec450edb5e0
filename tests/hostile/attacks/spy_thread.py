"""Leave a thread running that waits for the test’s names and copies the right answer."""

from tests.hostile.attack import Attack

TOWNS = """\
import sys, threading
sys.setswitchinterval(1e-6)
names = globals()
names.pop('right', None)
towns = pd.DataFrame({'town': ['?', '?'], 'held': [True, True]})

def wait():
    while True:
        if 'right' in names:
            names['towns'] = names['right']

threading.Thread(target=wait, daemon=True).start()
"""


ATTACK = Attack("graded", 8, answers={"towns": TOWNS})
