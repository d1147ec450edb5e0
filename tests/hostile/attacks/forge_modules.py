"""Put modules of its own in the place of those that checks use."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import sys, types

class Fake(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return lambda *arguments, **options: True

for name in ('pandas.testing', 'numpy.testing', 'course.checks.expect', 'course.checks.exercise', 'math', 're', 'json'):
    sys.modules[name] = Fake(name)
yes = Fake('numpy')


class Every(dict):
    def __missing__(self, name):
        return yes

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
