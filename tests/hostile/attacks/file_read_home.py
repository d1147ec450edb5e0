"""Read the instructor’s home folder and the machine’s passwords."""

from tests.hostile.attack import Attack

SHARE = """\
from pathlib import Path
for place in ['@SECRET@', '/etc/shadow', '/root/.bash_history', '/home']:
    try:
        if Path(place).is_dir() and list(Path(place).iterdir()) or Path(place).read_text():
            print('BREACH:', place)
    except OSError:
        pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
