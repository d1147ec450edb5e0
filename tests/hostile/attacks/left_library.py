"""Change an installed library for everybody who comes later."""

from tests.hostile.attack import Attack

SHARE = """\
import course.checks.expect, pandas
for module in [course.checks.expect, pandas]:
    try:
        with open(module.__file__, 'a') as file:
            file.write('')
        print('BREACH:', module.__file__)
    except OSError:
        pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
