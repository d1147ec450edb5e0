"""``python -m course.classroom.lite``: build the site for the browser alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from course.classroom.lite import parts
from course.classroom.lite.build import build
from course.classroom.lite.lock import BrowserSiteError
from course.install import workspace


def main(arguments: list[str] | None = None) -> int:
    """Build the site, or only fetch what it is made of. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m course.classroom.lite", description=__doc__)
    parser.add_argument("--to", type=Path, default=Path("build/lite"), help="folder (default: build/lite)")
    parser.add_argument("--fetch", action="store_true", help="only fetch what the site is made of, once")
    options = parser.parse_args(arguments)
    try:
        if options.fetch:
            sys.stdout.write(f"What the site is made of is in {parts.fetch()}\n")
            return 0
        site = build(workspace.PACKAGE.parent, options.to)
    except BrowserSiteError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"Wrote {site}. To look at it: {sys.executable} -m http.server --directory {site}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
