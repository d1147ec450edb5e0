"""``python -m course.classroom.site.readme``: write the README's table of lessons.

Its links to Binder need to know where the course is kept, and a copy of the course is kept elsewhere.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from course.classroom.site import lessons
from course.classroom.site.build import launched_from
from course.classroom.site.places import Places
from course.install import workspace

TABLE: Final = re.compile(r"(<!-- `make launch` writes this table -->\n).*?(\n<!-- -->)", re.DOTALL)


def with_table(text: str, root: Path) -> str:
    """Return a README with the table of lessons as it should be.

    Parameters
    ----------
    text : str
        The README. The table stands between two comments in it.
    root : pathlib.Path
        The checkout, whose ``docs/site.toml`` says where it is kept.

    Raises
    ------
    ValueError
        If the two comments are not there.
    """
    if not TABLE.search(text):
        raise ValueError(
            "README.md has lost the comments around its table of lessons; take them from an older version."
        )
    course = lessons.course(root)
    places = Places({lesson.name: lesson.name for lesson in course}, launched_from(root))
    table = lessons.table(course, places, "README.md")
    return TABLE.sub(lambda around: f"{around[1]}\n{table}\n{around[2]}", text)


def main() -> int:
    """Write the table. Returns the exit code."""
    root = workspace.PACKAGE.parent
    readme = root / "README.md"
    try:
        readme.write_text(with_table(readme.read_text(encoding="utf-8"), root), encoding="utf-8")
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
