"""Does the kernel still grade as the instructor meant it to? What is compared before, while and after a test runs.

Learner and test share one process, as nbgrader has it, so nothing in it can be proof against the learner's code. What
is done makes each known way to points that were not earned either fail or be noticed:

- A canary (`canary`) after each passed test must raise. It notices asserts that are taken out, checks that let
  everything through, exceptions that are swallowed, and answers that are equal to everything. The grading process
  makes it from random words and reads what becomes of it off the kernel's reply.
- A `Baseline`, taken before the first cell runs, knows what tests rest on, by identity and not by name. What was
  replaced, and who listens in (a trace, a thread, a signal, a hook into IPython), is found before each test and when
  `Baseline.changes` is asked. What the instructor's own locked cells define must still be the same when a test uses
  it, and an answer must not change while a test looks at it.
- While a test runs, an audit hook sees code of the learner's that climbs into the test's frames, where the right
  answers are; at any time, code that rewrites a function of ours in place. Python cannot take an audit hook out again.
- The kernel counts the tests that passed in it, so that an answer sent in its name before its own is noticed.
- A test's source is in no process of the learner's before its turn, and it is kept out of `In`, the history, the
  kernel's messages and `linecache` while it runs and afterwards.

What is *not* certain: code that knows this module can look for it in memory and disarm it, or answer in the kernel's
name. What a function picks up from a test's global names, which the released notebook shows, is no tampering. And what
a later cell learns of a test that is over changes no score; nbgrader's own feedback shows hidden tests, too.

`baseline` brings together what the others know: `kept` modules and classes, the `machine` that a cell goes through, the
`names` that a test uses, the `fingerprint` of an answer, `watch` while a test runs, and `hiding` of its source.
`learners` tells the learner's code from everybody else's.
"""

from course.classroom.integrity.baseline import Baseline, Role
from course.classroom.integrity.hiding import instead
from course.classroom.integrity.names import FACTS

__all__ = ["FACTS", "Baseline", "IntegrityError", "Role", "instead"]


class IntegrityError(Exception):
    """A submission interfered with its own grading. The message says how, in words for the instructor."""
