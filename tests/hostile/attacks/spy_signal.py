"""Have a timer interrupt the test and put the right answer in."""

from tests.hostile.attack import Attack

TOWNS = """\
import signal
def ring(number, frame):
    globals()['towns'] = globals().get('right')

towns = pd.DataFrame({'town': ['?', '?'], 'held': [True, True]})
signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
"""


ATTACK = Attack("graded", 8, answers={"towns": TOWNS})
