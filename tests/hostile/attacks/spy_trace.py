"""Trace every line that runs."""

from tests.hostile.attack import Attack

SHARE = """\
import sys
def trace(frame, event, argument):
    if 'expected' in frame.f_locals:
        frame.f_globals['share_lost'] = frame.f_locals['expected']
    return trace
sys.settrace(trace)
share_lost = 1
"""


ATTACK = Attack("graded", 8, answers={"share": SHARE})
