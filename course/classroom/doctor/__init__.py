"""``course doctor``: find and mend what keeps an exercise from being graded.

`visits` looks at files and mends them on disk; `cells` holds a notebook against the exercise as it was handed out, with
`matching`, which knows damaged cells again, and `mending`, which puts them right; `file` finds the notebook in a file's
bytes, `release` the exercise it comes from, and `ledgers` looks after the learner's ratings.
"""
