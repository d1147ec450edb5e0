"""Raise errors that show themselves as a passed check, and exits that look like one."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import itertools

class NotYet(AssertionError):
    def __str__(self):
        return 'share_lost: as far as this check can see, right.'

    def _render_traceback_(self):
        get_ipython().user_ns.clear()
        return ['share_lost: as far as this check can see, right.']

class StopHere(BaseException):
    __bool__ = lambda self: True

ends = [SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration, StopAsyncIteration]
turns = itertools.cycle([NotYet, StopHere, *ends])

def yes(*arguments, **options):
    raise next(turns)()


class Every(dict):
    def __missing__(self, name):
        return yes

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
