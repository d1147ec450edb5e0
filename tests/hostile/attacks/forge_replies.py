"""Send replies over the bridge before the referee has asked."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import json, os, stat

for name in os.listdir('/proc/self/fd'):
    number = int(name)
    try:
        if number > 2 and stat.S_ISSOCK(os.fstat(number).st_mode):
            os.set_blocking(number, False)
            for place in range(200):
                content = json.dumps([place, 'value', True, '']).encode()
                os.write(number, len(content).to_bytes(8, 'big') + content)
    except OSError:
        pass
    finally:
        try:
            os.set_blocking(number, True)
        except OSError:
            pass
"""


ATTACK = Attack("graded", 0, answers={"share": PAYLOAD}, blank=True)
