"""Be right, and have Python warn while a test runs."""

from tests.hostile.attack import Attack

SAYS = """\
import warnings
def says(text, word):
    warnings.warn('this is only a warning')
    return word.lower() in text.lower().split()
"""


ATTACK = Attack("graded", 10, answers={"says": SAYS})
