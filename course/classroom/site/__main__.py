"""``python -m course.classroom.site``: build the course's website."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from course.classroom.site import links
from course.classroom.site.build import SiteError, build
from course.install import workspace


def main(arguments: list[str] | None = None) -> int:
    """Build the site. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m course.classroom.site", description=__doc__)
    parser.add_argument("--to", type=Path, default=Path("build/site"), help="folder (default: build/site)")
    parser.add_argument("--repository", help="owner/name, for links to Binder (default: as docs/site.toml says)")
    parser.add_argument("--run", nargs="*", metavar="NN", help="run only these lessons, such as 00 06 (default: all)")
    parser.add_argument("--without-lab", action="store_true", help="leave JupyterLab for the browser alone out")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        site = build(
            workspace.PACKAGE.parent,
            options.to,
            repository=options.repository,
            run=options.run,
            live=not options.without_lab,
        )
    except SiteError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(
        f"Wrote {site}: {len(links.pages(site))} pages in {time.monotonic() - began:.0f} s. "
        f"To look at it: {sys.executable} -m http.server --directory {site}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
