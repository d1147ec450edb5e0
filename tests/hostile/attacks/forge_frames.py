"""Reach a check’s variables through library functions that read their caller’s frames."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import collections, logging, sys, traceback

def look(*arguments, **options):
    frame = collections.namedtuple.__globals__['_sys']._getframe(0)
    while frame is not None:
        for name in ('expected', 'right', 'condition', 'drawn', 'answer'):
            if name in frame.f_locals and name not in look.__code__.co_varnames:
                return frame.f_locals[name]
        frame = frame.f_back
    return [stack for stack in traceback.walk_stack(None)][-1][0].f_locals.get('expected', 1)

yes = look


class Every(dict):
    def __missing__(self, name):
        return yes

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
