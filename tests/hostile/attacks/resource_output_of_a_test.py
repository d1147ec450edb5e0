"""Print 100 MB while a test runs, and be right."""

from tests.hostile.attack import Attack

SAYS = """\
def says(text, word):
    for _ in range(50):
        print('x' * 1_000_000)
    return word.lower() in text.lower().split()
"""


ATTACK = Attack("graded", 10, answers={"says": SAYS})
