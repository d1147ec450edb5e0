"""Replace the shell’s own way to run code by one that always succeeds."""

from tests.hostile.attack import Attack

SHARE = """\
shell = get_ipython()
real = shell.run_code

async def run_code(code, result=None, *, async_=False):
    await real(code, None)
    return False

shell.run_code = run_code
shell.showtraceback = lambda *arguments, **options: None
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
