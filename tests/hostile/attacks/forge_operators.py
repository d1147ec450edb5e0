"""Replace the operators of pandas’ tables and columns."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import pandas
from pandas.core.arraylike import OpsMixin
for name in ('__eq__', '__ne__', '__lt__', '__le__', '__gt__', '__ge__', '__sub__', '__and__'):
    setattr(OpsMixin, name, lambda self, other: True)
yes = pandas.Series([1.0])


class Every(dict):
    def __missing__(self, name):
        return yes

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
