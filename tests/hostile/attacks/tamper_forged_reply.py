"""Change what the kernel answers: every error becomes success."""

from tests.hostile.attack import Attack

SHARE = """\
session = get_ipython().kernel.session
real = session.send

def send(stream, kind, content=None, *arguments, **options):
    if isinstance(content, dict) and content.get('status') == 'error':
        content = {'status': 'ok', 'execution_count': 1, 'user_expressions': {}, 'payload': []}
    if kind != 'error':
        return real(stream, kind, content, *arguments, **options)

session.send = send
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
