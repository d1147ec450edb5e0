"""Leave startup files for IPython and Jupyter in the home folder."""

from tests.hostile.attack import Attack

SHARE = """\
from pathlib import Path
for place in ['~/.ipython/profile_default/startup/00.py', '~/.jupyter/jupyter_config.py', '~/.config/hostile-left']:
    file = Path(place).expanduser()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('import course.checks.expect as f; f.expect_number = None')
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
