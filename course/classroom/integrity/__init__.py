"""Detect a submission that tampers with its own grading, by comparing the kernel before, during and after each test.

As in nbgrader, the learner's code and the tests share one process, so nothing in it can be proof against that code.
These measures make each known way to unearned points either fail or be detected:

- A canary (`canary`) after each passed test must raise. It detects removed asserts, checks that accept everything,
  swallowed exceptions, and answers that are equal to everything. The grading process generates it from random words and
  reads its result from the kernel's reply.
- A `Baseline`, taken before the first cell runs, records what tests depend on, by identity and not by name. Before each
  test, and when `Baseline.changes` is called, it finds what was replaced and what listens in (a trace function, a
  thread, a signal handler, a hook into IPython). What the instructor's own locked cells define must be unchanged when a
  test uses it, and an answer must not change while a test checks it.
- While a test runs, an audit hook detects learner's code that reads the test's frames, which hold the right answers;
  and at any time, code that rewrites one of our functions in place. Python cannot remove an audit hook.
- The kernel counts the tests that passed in it, so that a reply forged in its name is detected.
- The source of a test is in no process of the learner's before it runs, and it is kept out of `In`, the history, the
  kernel's messages and `linecache` while it runs and afterwards.

What is *not* guaranteed: code that knows this package can find it in memory and disarm it, or reply in the kernel's
name. What a function reads from a test's global names, which the released notebook shows, is not tampering. And what a
later cell learns about a finished test changes no score; nbgrader's own feedback shows hidden tests, too.

The modules, in reading order: `baseline` combines the others. `kept` holds the modules and classes that must not
change, `machine` the parts of the kernel that a cell passes through, `names` the names that a test uses, `fingerprint`
compares answers, `watch` is the audit hook, and `hiding` hides a test's source. `learners` distinguishes the learner's
code from all other code. `canary` runs in the grading process.
"""

from course.classroom.integrity.baseline import Baseline, Role
from course.classroom.integrity.hiding import instead
from course.classroom.integrity.names import FACTS

__all__ = ["FACTS", "Baseline", "IntegrityError", "Role", "instead"]


class IntegrityError(Exception):
    """A submission interfered with its own grading. The message tells the instructor how."""
