"""Turn its own kernel into a referee’s, and disarm that."""

from tests.hostile.attack import Attack

SHARE = """\
from course.classroom.bridge import asking, decode, namespace
from course.classroom.kernels import forked_kernel, referee
referee.Referee.begin = referee.Referee.run_locked = lambda *arguments: None
namespace.Names.__getitem__ = lambda self, name: print
asking.Asker.name = lambda self, name: True
decode.ValueDecoder.decode = lambda self, content, depth=0: True
kernel = get_ipython().kernel
own = type('Referee', (), {'mask': lambda self, *error: ('passed', [])})()
kernel.referee = forked_kernel.ForkedKernel.referee = own

def expect_number(*arguments, **options):
    pass
"""


ATTACK = Attack("graded", answers={"share": SHARE}, blank=True)
