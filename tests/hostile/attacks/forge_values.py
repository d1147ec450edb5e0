"""Answer the referee with values that are in no format, or in a wrong one."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import itertools
from course.classroom.bridge import answering

contents = itertools.cycle([
    ['function', 'expect_number', '__import__', 0], ['function', '__eq__', '', -1], ['object', 'builtins', 'print'],
    ['module', 'os'], ['module', 'builtins'], ['chart', 'Chart', '{"mark": [[]], "layer": [[]]}', None, ''],
    ['array', '|O8', [1], 'AAAAAAAAAAA='], ['array', '<f8', [-1], ''], ['array', '<f8', [10**9], ''],
    ['range', 0, 10**18, 1], ['steps', 0, 10**18, 1, None], ['dict', [[['list', []], 1]]], ['float', '1e999'],
    ['frame', ['index', None, ['objects', [1], ['a']]], ['steps', 0, 3, 1, None], [['objects', [1], [7]]]],
    ['categories', ['objects', [0], []], ['array', '<i8', [1], 'CQAAAAAAAAA='], True], [], {}, [[]], ['list', 'abc'],
    ['shown', 'NotYet', 'x', True], ['iterator', 'list', [1] * 10], ['timestamp', 10**30, 'ns', None],
    ['decimal', 'sNaN'], ['fraction', 1, 0], ['extension', []], ['multi', [], []], ['bytes', 7],
])
answering.Answerer._encode = lambda self, value: next(contents)
yes = 1


class Every(dict):
    def __missing__(self, name):
        return yes

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
