"""Derive from text, numbers, lists and tables, and lie about their content."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import itertools, pandas

class Text(str):
    __eq__ = lambda self, other: True
    __hash__ = lambda self: 0
    casefold = strip = split = lambda self, *_: self

class Number(float):
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
    __sub__ = __rsub__ = __abs__ = __float__ = lambda self, *_: 0.0
    __hash__ = lambda self: 0

class Items(list):
    __eq__ = __contains__ = lambda self, other: True
    remove = lambda self, item: None
    copy = lambda self: self

class Table(pandas.DataFrame):
    equals = lambda self, other: True
    columns = property(lambda self: Items())
    __len__ = lambda self: 0

turns = itertools.cycle([Text('x'), Number(1), Items(), Table()])

class Every(dict):
    def __missing__(self, name):
        return next(turns)

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
