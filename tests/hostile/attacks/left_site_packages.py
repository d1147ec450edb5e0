"""Leave files that Python runs whenever it starts."""

from tests.hostile.attack import Attack

SHARE = """\
import site, sys
from pathlib import Path
for place in [*site.getsitepackages(), sys.prefix, sys.base_prefix]:
    for name in ['hostile-left.pth', 'sitecustomize.py', 'usercustomize.py']:
        try:
            (Path(place) / name).write_text('import os; os._exit(1)')
            print('BREACH:', place)
        except OSError:
            pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
