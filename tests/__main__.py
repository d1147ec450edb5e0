"""``python -m tests``: all tests, those in a browser beside the others (``make test``).

A browser waits more than it works, so both halves together take little longer than the longer one. They share nothing:
each has processes, ports and folders of its own. What the half in a browser says is shown when it is done.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time

import pytest


def main(options: list[str]) -> int:
    """Run both halves with these options of pytest, and return its exit code for the worse one."""
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", *options, "-m"]
    with tempfile.TemporaryFile() as said:
        halves = [
            subprocess.Popen([*command, "browser"], stdout=said, stderr=said),
            subprocess.Popen([*command, "not browser"]),
        ]
        # Ctrl+C reaches both halves, and each says how far it came.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        codes = {half.wait() for half in halves}
        said.seek(0)
        sys.stdout.buffer.write(said.read())
    sys.stdout.write(f"Both halves took {(time.monotonic() - began) / 60:.0f} minutes.\n")
    # What is asked for may be in one half only.
    found = codes - {pytest.ExitCode.NO_TESTS_COLLECTED} or codes
    return max(found, key=abs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
