"""``course doctor --environment``: what is wrong with an installation, and the line to type that mends it.

It needs nothing but Python itself, because the rest is what may be missing: where the command ``course`` does not
start, ``python -P -m course.install.diagnosis`` does (``-P`` keeps a learner's own ``random.py`` from being taken for
Python's). It only looks, and changes nothing.

`machine` gathers what there is; `packages`, `interpreter`, `front_end` and `place` judge it, without looking at
anything themselves; `report` puts what they find into words.
"""
