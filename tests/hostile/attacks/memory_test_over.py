"""Read tests that are over from the history, from linecache and from the kernel’s messages."""

from tests.hostile.attack import Attack

UNIT = """\
import linecache
shell = get_ipython()
said = str(In) + str(_ih) + str(linecache.cache) + str(shell.get_parent())
said += str(shell.history_manager.input_hist_raw) + str(shell.last_execution_result)
said += ''.join(str(shell.user_ns.get(name)) for name in ('_i', '_ii', '_iii'))
if 'hidden-' + '7391' in said:
    print('BREACH: a test that is over')
unit = 'percent'
"""


ATTACK = Attack("graded", 10, answers={"unit": UNIT})
