"""Read the instructor’s environment, its own and that of every process."""

from tests.hostile.attack import Attack

SHARE = """\
import glob, os
secrets = dict(os.environ).get('INSTRUCTORS_TOKEN', '')
for path in ['/proc/self/environ', *glob.glob('/proc/*/environ')]:
    try:
        secrets += open(path, errors='replace').read()
    except OSError:
        pass
if 'token-' + '5520' in secrets:
    print('BREACH: the environment')
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
