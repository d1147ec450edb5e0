"""Leave files where every process may write."""

from tests.hostile.attack import Attack

SHARE = """\
for place in ['/tmp', '/var/tmp', '/dev/shm', '/run']:
    try:
        open(f'{place}/hostile-left', 'w').close()
    except OSError:
        pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
