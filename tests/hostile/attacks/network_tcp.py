"""Call a server on this machine and one on the internet."""

from tests.hostile.attack import Attack

SHARE = """\
import socket
for address in [('127.0.0.1', @PORT@), ('192.0.2.1', 80)]:
    try:
        socket.create_connection(address, timeout=1)
        print('BREACH: the network')
    except OSError:
        pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
