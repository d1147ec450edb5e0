"""``course doctor --environment``: what is wrong with an installation, and the command that repairs it.

It needs only Python's standard library, because anything else may be missing. If the command ``course`` does not start,
``python -P -m course.install.diagnosis`` does; ``-P`` keeps a learner's own ``random.py`` from hiding Python's. It
changes nothing.

`machine` collects the facts; `packages`, `interpreter`, `front_end` and `place` are pure functions that judge them;
`report` prints the findings.
"""
