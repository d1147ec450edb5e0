"""Put another namespace in the place of the notebook’s."""

from tests.hostile.attack import Attack

SHARE = """\
class Generous(dict):
    def __getitem__(self, name):
        if name.startswith('expect'):
            return lambda *arguments, **options: None
        return super().__getitem__(name)

get_ipython().user_ns = Generous(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
