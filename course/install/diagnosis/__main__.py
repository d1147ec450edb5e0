"""``python -P -m course.install.diagnosis``: the same as ``course doctor --environment``, where that does not start."""

from __future__ import annotations

import argparse
from pathlib import Path

from course.install.diagnosis.report import report

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -P -m course.install.diagnosis",
        description="Say what is wrong with this installation and which command fixes it. Changes nothing.",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(), help="Where you work. Default: the current folder."
    )
    parser.add_argument("--json", action="store_true", help="Print one JSON document and nothing else.")
    arguments = parser.parse_args()
    raise SystemExit(0 if report(arguments.folder, as_json=arguments.json) else 1)
