"""Have the kernel’s session pack every error as a success."""

from tests.hostile.attack import Attack

PAYLOAD = """\
session = get_ipython().kernel.session
pack = session.pack

def lie(message):
    content = message.get('content', {})
    if content.get('status') == 'error':
        message = dict(message, content={'status': 'ok', 'execution_count': 1, 'user_expressions': {}, 'payload': []})
    if message.get('msg_type') == 'error':
        stream = {'name': 'stdout', 'text': ''}
        message = dict(message, msg_type='stream', header=dict(message['header'], msg_type='stream'), content=stream)
    return pack(message)

session.pack = lie
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
