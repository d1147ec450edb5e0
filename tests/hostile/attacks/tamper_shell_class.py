"""Replace a method in the shell’s class instead."""

from tests.hostile.attack import Attack

SHARE = """\
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
ExecutionResult.success = property(lambda self: True)
InteractiveShell.showtraceback = lambda *arguments, **options: None
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
