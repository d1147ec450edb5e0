"""Look for the hidden tests in the files beside the running notebook."""

from tests.hostile.attack import Attack

SHARE = """\
from pathlib import Path
for path in Path('.').resolve().parent.rglob('*'):
    try:
        if 'hidden-' + '7391' in path.read_text(errors='replace'):
            print('BREACH:', path)
    except OSError:
        pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
