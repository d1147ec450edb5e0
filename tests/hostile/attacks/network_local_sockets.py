"""Call a program on this machine through a socket in the file system, and send a datagram."""

from tests.hostile.attack import Attack

SHARE = """\
import socket
try:
    with socket.socket(socket.AF_UNIX) as local:
        local.connect('@SOCKET@')
    print('BREACH: a socket')
except OSError:
    pass
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        datagram.connect(('127.0.0.1', @PORT@))
        datagram.send(b'hello')
    print('BREACH: a datagram')
except OSError:
    pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
