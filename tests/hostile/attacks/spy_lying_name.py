"""Put a name among the notebook’s that runs code whenever another name is looked up."""

from tests.hostile.attack import Attack

TOWNS = """\
class Name(str):
    def __eq__(self, other):
        if 'right' in dict.keys(globals()):
            globals()['towns'] = globals()['right']
        return str.__eq__(self, other)

    def __hash__(self):
        return hash('towns')

towns = 'no table'
globals()[Name('spy')] = 1
"""


ATTACK = Attack("graded", 8, answers={"towns": TOWNS})
