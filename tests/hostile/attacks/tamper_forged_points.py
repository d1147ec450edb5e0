"""Show points of its own while a test runs, for nbgrader to find before the error."""

from tests.hostile.attack import Attack

SAYS = """\
def says(text, word):
    get_ipython().displayhook(2)
    return 'no idea'
"""


ATTACK = Attack("graded", 8, answers={"says": SAYS})
