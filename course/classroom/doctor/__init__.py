"""``course doctor``: find and repair what keeps an exercise from being graded.

`inspection` checks files and writes repaired ones. `release_catalogue` finds the exercise a notebook was made from, and
`repair` compares the two, cell by cell (`cells`), with `matching`, which recognises damaged cells. `ledgers` checks the
learner's ratings. `diagnosis` says what is wrong. Notebooks are read by `course.checks.notebook`.
"""
