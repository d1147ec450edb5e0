"""Have the garbage collector call it."""

from tests.hostile.attack import Attack

SHARE = """\
import gc, sys
def collected(phase, info):
    frame = sys._getframe(1)
    while frame:
        if 'expected' in frame.f_locals:
            get_ipython().user_ns['share_lost'] = frame.f_locals['expected']
        frame = frame.f_back
gc.callbacks.append(collected)
gc.set_threshold(1)
share_lost = 1
"""


ATTACK = Attack("graded", 8, answers={"share": SHARE})
