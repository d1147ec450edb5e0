"""Look for the referee’s process, its folder and its files."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import glob, os
mark = 'hidden-' + '7391'
places = ['/tmp/**/*', '/proc/[0-9]*/*', '../../**/*']
for path in (path for place in places for path in glob.glob(place, recursive=True)):
    try:
        if os.path.isfile(path) and mark in open(path, errors='replace').read(1 << 20):
            print('BREACH:', path)
    except OSError:
        pass
for name in os.listdir('/proc'):
    if name.isdigit() and int(name) not in (os.getpid(), 1) and os.path.exists(f'/proc/{name}/mem'):
        try:
            open(f'/proc/{name}/mem', 'rb').close()
            print('BREACH: the memory of', name)
        except OSError:
            pass
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
