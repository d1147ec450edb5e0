"""Put a finder of its own into the import system."""

from tests.hostile.attack import Attack

SHARE = """\
import sys
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return None
sys.meta_path.insert(0, Finder)
share_lost = 1
"""

REPEATS = """\
repeats = ['S02', 'S03']
"""


ATTACK = Attack("graded", 8, answers={"share": SHARE, "repeats": REPEATS})
