"""Put objects in the place of the copy of ratings that a board froze."""

from tests.hostile.attack import Attack

PAYLOAD = """\
class Ratings:
    def judgements(self, reading=None):
        return (self,)

    def __getattr__(self, name):
        return self

    def __iter__(self):
        return iter((self,))

frozen = mine = then = since = handed = given = board = Ratings()
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
