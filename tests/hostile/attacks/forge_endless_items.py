"""Give endless items, and tables as deep as memory."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import itertools
deep = []
for _ in range(100_000):
    deep = [deep]
endless = (number for number in itertools.count())
turns = itertools.cycle([itertools.count(), deep, range(10**15), endless, 'x' * (1 << 26)])

class Every(dict):
    def __missing__(self, name):
        return next(turns)

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
