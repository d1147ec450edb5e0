"""Read the running test’s own source from the history and from linecache."""

from tests.hostile.attack import Attack

SAYS = """\
import linecache
def says(text, word):
    shell = get_ipython()
    said = str(In[-1]) + str(linecache.cache) + str(shell.get_parent()) + str(shell.history_manager.input_hist_raw)
    return f"given=['{text}', '{word}']" in said and 'made is True' in said
"""


ATTACK = Attack("graded", 8, answers={"says": SAYS})
