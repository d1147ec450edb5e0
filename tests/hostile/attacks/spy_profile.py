"""Have Python call it at every call."""

from tests.hostile.attack import Attack

SHARE = """\
import sys
def profile(frame, event, argument):
    if 'expected' in frame.f_locals:
        get_ipython().user_ns['share_lost'] = frame.f_locals['expected']
sys.setprofile(profile)
share_lost = 1
"""


ATTACK = Attack("graded", 8, answers={"share": SHARE})
