"""Replace AssertionError, and have IPython pass over exceptions."""

from tests.hostile.attack import Attack

SHARE = """\
import builtins
from course.checks.expect import NotYet
builtins.AssertionError = Warning
get_ipython().set_custom_exc((BaseException,), lambda *arguments, **options: None)
total, unit = 4731, 'percent'
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
