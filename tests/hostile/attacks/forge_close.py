"""Replace what compares numbers in NumPy and in math."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import builtins, math, numpy
for module in (numpy, numpy.testing, math):
    for name in ('allclose', 'isclose', 'array_equal', 'assert_allclose', 'assert_equal', 'isnan'):
        if hasattr(module, name):
            setattr(module, name, lambda *arguments, **options: True)
builtins.abs = builtins.round = lambda number, *_: 0
builtins.float = lambda *_: 0.0
yes = 0


class Every(dict):
    def __missing__(self, name):
        return yes

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
